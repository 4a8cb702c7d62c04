import { assertEquals, assertStrictEquals } from "@std/assert";
import { realSurroundings } from "../../src/cli/real_surroundings.ts";

Deno.test("realSurroundings are those of this process", () => {
  const surroundings = realSurroundings("file:///main.ts");

  assertEquals(surroundings.processId, Deno.pid);
  assertEquals(surroundings.env, Deno.env.toObject());
  assertStrictEquals(surroundings.stdout, Deno.stdout);
  assertStrictEquals(surroundings.stderr, Deno.stderr);
});
