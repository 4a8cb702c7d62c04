import { assertEquals } from "@std/assert";
import { LOG_FIELDS, withoutEmpty } from "../../src/log/fields.ts";

Deno.test("LOG_FIELDS names no field twice", () => {
  const names = Object.values(LOG_FIELDS);

  assertEquals(new Set(names).size, names.length);
});

Deno.test("withoutEmpty keeps everything that says something", () => {
  const fields = { a: "", b: undefined, c: 0, d: false, e: null, f: "x" };

  assertEquals(withoutEmpty(fields), { c: 0, d: false, e: null, f: "x" });
});
