import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { ApiError } from "../../src/api/api_error.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/api/error_codes.ts";

Deno.test("ApiError has the status of its code", () => {
  for (const [code, { status }] of Object.entries(ERROR_CODES)) {
    assertEquals(new ApiError({ code: code as ErrorCode }).status, status);
  }
});

Deno.test("ApiError of several entries has the status of the first", () => {
  const error = new ApiError([{ code: "DENIED" }, { code: "UNKNOWN", detail: 1 }]);

  assertEquals(error.status, 403);
  assertEquals(error.entries, [{ code: "DENIED" }, { code: "UNKNOWN", detail: 1 }]);
});

Deno.test("ApiError takes another status, headers and a cause", () => {
  const cause = new Error("why");
  const options = { status: 413, headers: { allow: "GET" }, cause };
  const error = new ApiError({ code: "MANIFEST_INVALID" }, options);

  assertInstanceOf(error, Error);
  assertEquals(error.name, "ApiError");
  assertEquals(error.message, "Cannot answer the request: MANIFEST_INVALID");
  assertEquals(error.status, 413);
  assertEquals(error.headers, { allow: "GET" });
  assertStrictEquals(error.cause, cause);
});

Deno.test("ApiError without headers and cause has none", () => {
  const error = new ApiError({ code: "UNKNOWN" });

  assertEquals(error.headers, {});
  assertEquals("cause" in error, false);
});
