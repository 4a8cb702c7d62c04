import { assert, assertEquals } from "@std/assert";
import { ERROR_CODES } from "../../src/api/error_codes.ts";

/** What clients of Distribution know, as the reference has it. */
const EXPECTED: Readonly<Record<string, readonly [number, string]>> = {
  UNKNOWN: [500, "unknown error"],
  UNSUPPORTED: [405, "The operation is unsupported."],
  UNAUTHORIZED: [401, "authentication required"],
  DENIED: [403, "requested access to the resource is denied"],
  UNAVAILABLE: [503, "service unavailable"],
  TOOMANYREQUESTS: [429, "too many requests"],
  DIGEST_INVALID: [400, "provided digest did not match uploaded content"],
  SIZE_INVALID: [400, "provided length did not match content length"],
  RANGE_INVALID: [416, "invalid content range"],
  NAME_INVALID: [400, "invalid repository name"],
  TAG_INVALID: [400, "manifest tag did not match URI"],
  NAME_UNKNOWN: [404, "repository name not known to registry"],
  MANIFEST_UNKNOWN: [404, "manifest unknown"],
  MANIFEST_INVALID: [400, "manifest invalid"],
  MANIFEST_BLOB_UNKNOWN: [400, "blob unknown to registry"],
  BLOB_UNKNOWN: [404, "blob unknown to registry"],
  BLOB_UPLOAD_UNKNOWN: [404, "blob upload unknown to registry"],
  BLOB_UPLOAD_INVALID: [404, "blob upload invalid"],
  PAGINATION_NUMBER_INVALID: [400, "invalid number of results requested"],
};

Deno.test("ERROR_CODES are those of Distribution, with their statuses and messages", () => {
  const found = Object.entries(ERROR_CODES).map(([code, { status, message }]) => [
    code,
    [status, message],
  ]);

  assertEquals(Object.fromEntries(found), EXPECTED);
});

Deno.test("ERROR_CODES are what the specification lets codes be", () => {
  for (const code of Object.keys(ERROR_CODES)) assert(/^[A-Z_]+$/.test(code), code);
});
