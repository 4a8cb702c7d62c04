import { assert, assertEquals, assertFalse, assertStrictEquals } from "@std/assert";
import { DriverError, type DriverErrorCode } from "../../src/drivers/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { fromDriverError, isStoreError, StoreError } from "../../src/storage/errors.ts";

Deno.test("StoreError carries its code, its data and its cause", () => {
  const cause = new Error("why");
  const error = new StoreError("blob_unknown", { digest: EMPTY_DIGEST }, { cause });

  assertEquals(error.name, "StoreError");
  assertEquals(error.code, "blob_unknown");
  assertEquals(error.detail, { digest: EMPTY_DIGEST });
  assertEquals(error.message, `Cannot find blob: {"digest":"${EMPTY_DIGEST}"}`);
  assertStrictEquals(error.cause, cause);
});

Deno.test("isStoreError knows one code from the others and from other errors", () => {
  const error = new StoreError("tag_unknown", { repository: "foo", tag: "v1" });

  assert(isStoreError(error, "tag_unknown"));
  assertFalse(isStoreError(error, "blob_unknown"));
  assertFalse(isStoreError(new Error("tag_unknown"), "tag_unknown"));
  assertFalse(isStoreError(undefined, "tag_unknown"));
});

Deno.test("fromDriverError tells a full storage from one that fails", () => {
  const codes: Readonly<Record<DriverErrorCode, string>> = {
    path_not_found: "storage_failed",
    invalid_path: "storage_failed",
    invalid_offset: "storage_failed",
    writer_closed: "storage_failed",
    no_space: "storage_full",
    unavailable: "storage_failed",
  };

  for (const [code, expected] of Object.entries(codes)) {
    const cause = new DriverError(code as DriverErrorCode, { driver: "double", path: "/a" });
    const error = fromDriverError(cause);
    if (!(error instanceof StoreError)) throw error;
    assertEquals(error.code, expected);
    assertStrictEquals(error.cause, cause);
    if (error.code === "storage_failed") assertEquals(error.detail, { message: cause.message });
  }
});

Deno.test("fromDriverError leaves every other error as it is", () => {
  const refusal = new StoreError("delete_disabled", {});

  for (const error of [refusal, new TypeError("x"), "text", undefined, null]) {
    assertStrictEquals(fromDriverError(error), error);
  }
});
