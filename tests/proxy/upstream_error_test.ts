import { assertEquals, assertStrictEquals } from "@std/assert";
import { ClientError } from "../../src/client/errors.ts";
import { fromClientError } from "../../src/proxy/upstream_error.ts";
import { StoreError } from "../../src/storage/errors.ts";

const unknown = () => new StoreError("tag_unknown", { repository: "a", tag: "b" });

Deno.test("fromClientError keeps why the other registry refuses, and for how long", () => {
  const error = new ClientError("too_many_requests", "wait", { retryAfterMs: 1500 });
  const translated = fromClientError(error, unknown) as StoreError<"upstream_failed">;
  assertEquals(translated.detail, {
    reason: "too_many_requests",
    message: "wait",
    retryAfterSeconds: 2,
  });
  assertStrictEquals(translated.cause, error);
});

Deno.test("fromClientError says of what is missing what it is told to, and leaves other errors", () => {
  const missing = fromClientError(new ClientError("not_found", "none"), unknown) as StoreError;
  assertEquals(missing.code, "tag_unknown");
  const other = new TypeError("x");
  assertStrictEquals(fromClientError(other, unknown), other);
});
