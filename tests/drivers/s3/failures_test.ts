import { S3ServiceException } from "@aws-sdk/client-s3";
import { assertEquals } from "@std/assert";
import { DriverError } from "../../../src/drivers/driver.ts";
import {
  describeFailure,
  isBehindEnd,
  isMissing,
  isNoUpload,
  storeCode,
  toDriverError,
} from "../../../src/drivers/s3/failures.ts";

function answer(name: string, status: number): S3ServiceException {
  return new S3ServiceException({
    name,
    message: "what the store says",
    $fault: "client",
    $metadata: { httpStatusCode: status, requestId: "R1", attempts: 3 },
  });
}

Deno.test("toDriverError gives each answer of a store its code", () => {
  const codes = {
    NoSuchKey: [404, "path_not_found"],
    NotFound: [404, "path_not_found"],
    NoSuchBucket: [404, "unavailable"],
    AccessDenied: [403, "unavailable"],
    QuotaExceeded: [403, "no_space"],
    XMinioStorageFull: [507, "no_space"],
    AnythingElse: [507, "no_space"],
    SlowDown: [503, "unavailable"],
  } as const;
  for (const [name, [status, code]] of Object.entries(codes)) {
    assertEquals(toDriverError(answer(name, status), "/a").code, code, name);
  }
});

Deno.test("toDriverError leaves errors of the family as they are", () => {
  const error = new DriverError("invalid_path", { driver: "s3", path: "/a" });
  assertEquals(toDriverError(error, "/b"), error);
});

Deno.test("describeFailure names the code, the status, the request and the attempts", () => {
  assertEquals(
    toDriverError(answer("SlowDown", 503), "/a").message,
    "s3: SlowDown: what the store says (status 503, request R1, attempts 3)",
  );
  assertEquals(describeFailure(new TypeError("broken")), "TypeError: broken");
  assertEquals(describeFailure("text"), "text");
});

Deno.test("isMissing, isNoUpload and isBehindEnd tell answers apart", () => {
  assertEquals(isMissing(answer("NoSuchKey", 404)), true);
  assertEquals(isMissing(answer("NoSuchUpload", 404)), false);
  assertEquals(isNoUpload(answer("NoSuchUpload", 404)), true);
  assertEquals(isBehindEnd(answer("InvalidRange", 416)), true);
  assertEquals(isBehindEnd(answer("416", 416)), true);
  assertEquals(isBehindEnd(answer("NoSuchKey", 404)), false);
  assertEquals(storeCode(new Error("no answer")), undefined);
});
