import { assertEquals, assertNotEquals } from "@std/assert";
import { createKeyedDigest } from "../../src/auth/keyed_digest.ts";

Deno.test("createKeyedDigest gives the same for the same parts alone, and each maker its own", () => {
  const digest = createKeyedDigest();

  assertEquals(digest("a", "b"), digest("a", "b"));
  assertEquals(digest("token"), digest("token"));
  assertNotEquals(digest("ab", ""), digest("a", "b"));
  assertNotEquals(digest("a"), createKeyedDigest()("a"));
});
