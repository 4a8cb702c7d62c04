import { assertEquals } from "@std/assert";
import { RedisError } from "../../src/redis/client.ts";

Deno.test("RedisError says what Redis, or the connection, said", () => {
  const cause = new Error("WRONGPASS invalid username-password pair");
  const error = new RedisError("refused", cause);
  assertEquals([error.code, error.message, error.cause], [
    "refused",
    "redis: WRONGPASS invalid username-password pair",
    cause,
  ]);
  assertEquals(new RedisError("unavailable", "away").message, "redis: away");
});
