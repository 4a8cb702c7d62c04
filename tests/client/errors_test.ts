import { assertEquals } from "@std/assert";
import { ClientError, isClientError } from "../../src/client/errors.ts";

Deno.test("isClientError tells codes apart, and other errors", () => {
  const error = new ClientError("denied", "Cannot pull", { status: 403 });
  assertEquals(error.status, 403);
  assertEquals(isClientError(error), true);
  assertEquals(isClientError(error, "denied"), true);
  assertEquals(isClientError(error, "not_found"), false);
  assertEquals(isClientError(new Error("denied")), false);
});
