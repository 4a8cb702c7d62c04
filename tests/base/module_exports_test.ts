import { assertStrictEquals } from "@std/assert";
import { moduleExports } from "../../src/base/module_exports.ts";

Deno.test("moduleExports finds the parts of a library, whichever way it was loaded", () => {
  const parts = { part: 1 };
  const callable = Object.assign(() => {}, parts);
  const newer = { part: 1, default: undefined };

  assertStrictEquals(moduleExports({ default: parts, part: 1 }), parts);
  assertStrictEquals(moduleExports<{ part?: number }>({ default: callable } as object), callable);
  assertStrictEquals(moduleExports(parts), parts);
  assertStrictEquals(moduleExports(newer), newer);
});
