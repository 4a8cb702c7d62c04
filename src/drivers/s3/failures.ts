import { S3ServiceException } from "@aws-sdk/client-s3";
import { DriverError } from "../driver.ts";

/** The name of this driver in the configuration and in errors. */
export const NAME = "s3";

/** Codes by which a store says that an object, or what was asked of it, is not there. */
const MISSING_CODES: ReadonlySet<string> = new Set(["NoSuchKey", "NotFound"]);

/** Codes by which stores say that they are full. */
const FULL_CODES: ReadonlySet<string> = new Set([
  "InsufficientStorage",
  "QuotaExceeded",
  "QuotaExceededException",
  "StorageFull",
  "XMinioStorageFull",
]);

const INSUFFICIENT_STORAGE = 507;

/** The code of an answer of the store, such as `NoSuchKey`; `undefined`: it has not answered. */
export function storeCode(error: unknown): string | undefined {
  return error instanceof S3ServiceException ? error.name : undefined;
}

/** Tells whether the store said that there is no such object. */
export function isMissing(error: unknown): boolean {
  return MISSING_CODES.has(storeCode(error) ?? "");
}

/** Tells whether the store said that an upload in parts has ended, or never was. */
export function isNoUpload(error: unknown): boolean {
  return storeCode(error) === "NoSuchUpload";
}

/** Tells whether the store said that a range lies behind the end of an object. */
export function isBehindEnd(error: unknown): boolean {
  return storeCode(error) === "InvalidRange" ||
    (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 416);
}

/** Turns what went wrong with `path` into this family's error. */
export function toDriverError(error: unknown, path: string): DriverError {
  if (error instanceof DriverError) return error;
  if (isMissing(error)) {
    return new DriverError("path_not_found", { driver: NAME, path, cause: error });
  }
  const cause = new Error(describeFailure(error), { cause: error });
  return new DriverError(isFull(error) ? "no_space" : "unavailable", { driver: NAME, path, cause });
}

/** What the store answered, with the vendor's id of the request; never a secret. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof S3ServiceException)) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
  const { httpStatusCode, requestId, attempts } = error.$metadata;
  const facts = [
    httpStatusCode === undefined ? "" : `status ${httpStatusCode}`,
    requestId === undefined ? "" : `request ${requestId}`,
    attempts === undefined || attempts < 2 ? "" : `attempts ${attempts}`,
  ].filter((fact) => fact !== "").join(", ");
  const text = error.message === "" || error.message === error.name ? "" : `: ${error.message}`;
  return `${error.name}${text}${facts === "" ? "" : ` (${facts})`}`;
}

function isFull(error: unknown): boolean {
  return FULL_CODES.has(storeCode(error) ?? "") ||
    (error instanceof S3ServiceException &&
      error.$metadata.httpStatusCode === INSUFFICIENT_STORAGE);
}
