import { assert, assertEquals } from "@std/assert";
import { AuthError, isAuthError } from "../../src/auth/errors.ts";

Deno.test("AuthError says why, and isAuthError tells its code", () => {
  const denied = new AuthError("denied", { reason: "not allowed", access: [] });
  const unavailable = new AuthError("unavailable", { message: "Cannot read it" });

  assertEquals(denied.message, "Cannot let in: not allowed");
  assertEquals(unavailable.message, "Cannot read it");
  assert(isAuthError(denied, "denied"));
  assert(!isAuthError(denied, "throttled"));
  assert(!isAuthError(new Error("denied"), "denied"));
});
