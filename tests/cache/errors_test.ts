import { assertEquals } from "@std/assert";
import { CacheError } from "../../src/cache/errors.ts";

Deno.test("CacheError says what cannot be done, and why", () => {
  const cause = new Error("redis: no reply within 250ms");
  const error = new CacheError("unavailable", cause);
  assertEquals([error.code, error.cause], ["unavailable", cause]);
  assertEquals(
    error.message,
    "Cannot delete while others cannot be told of it: redis: no reply within 250ms",
  );
});
