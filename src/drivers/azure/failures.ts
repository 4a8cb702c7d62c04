import { RestError } from "@azure/storage-blob";
import { DriverError } from "../driver.ts";
import { AnswerError } from "../fetch_answer.ts";

/** The name of the driver in the configuration and in its errors. */
export const NAME = "azure";

/** What the store says of what is not there. Source: Azure, "Blob Storage error codes". */
const MISSING_CODES: ReadonlySet<string> = new Set(["BlobNotFound", "ContainerNotFound"]);

/** What the store says where a condition of a request does not hold. */
const CONDITION_CODES: ReadonlySet<string> = new Set([
  "AppendPositionConditionNotMet",
  "BlobAlreadyExists",
  "ConditionNotMet",
]);

/** What the store says of an account that is full. */
const FULL_CODES: ReadonlySet<string> = new Set(["BlockCountExceedsLimit", "AccountIsFull"]);

/** The status of an answer of the store; `undefined`: it has not answered. */
export function storeStatus(error: unknown): number | undefined {
  if (error instanceof AnswerError) return error.status;
  return error instanceof RestError ? error.statusCode : undefined;
}

/** The code of an answer of the store, such as `BlobNotFound`; empty where there is none. */
export function storeCode(error: unknown): string {
  if (error instanceof AnswerError) return error.headers.get("x-ms-error-code") ?? "";
  if (!(error instanceof RestError)) return "";
  return error.response?.headers.get("x-ms-error-code") ?? error.code ?? "";
}

/** Tells whether the store said that there is no such blob. */
export function isMissing(error: unknown): boolean {
  const code = storeCode(error);
  // The answer to a HEAD request has no body, and with some servers no code.
  return MISSING_CODES.has(code) || storeStatus(error) === 404;
}

/** Tells whether the store said that a blob is not as the request wanted it. */
export function isConflict(error: unknown): boolean {
  return CONDITION_CODES.has(storeCode(error)) || storeStatus(error) === 412;
}

/** Tells whether the store said that the blob at the place is of another kind. */
export function isOtherKind(error: unknown): boolean {
  return storeCode(error) === "InvalidBlobType";
}

/** Tells whether the store said that a range lies behind the end of a blob. */
export function isBehindEnd(error: unknown): boolean {
  return storeStatus(error) === 416;
}

/** Turns what went wrong with `path` into this family's error. */
export function toDriverError(error: unknown, path: string): DriverError {
  if (error instanceof DriverError) return error;
  if (isMissing(error)) {
    return new DriverError("path_not_found", { driver: NAME, path, cause: error });
  }
  const cause = new Error(describeFailure(error), { cause: error });
  const code = FULL_CODES.has(storeCode(error)) ? "no_space" : "unavailable";
  return new DriverError(code, { driver: NAME, path, cause });
}

/** What the store answered, with the vendor's id of the request; never a secret. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = storeCode(error);
  const status = storeStatus(error);
  if (status === undefined) return code === "" ? error.message : `${code}: ${firstLine(error)}`;
  const request = requestId(error);
  const facts = `status ${status}${request === "" ? "" : `, request ${request}`}`;
  const text = error instanceof RestError ? firstLine(error) : "";
  return `${[code, text].filter((part) => part !== "").join(": ")} (${facts})`.trim();
}

function requestId(error: Error): string {
  if (error instanceof AnswerError) return error.headers.get("x-ms-request-id") ?? "";
  return error instanceof RestError ? error.response?.headers.get("x-ms-request-id") ?? "" : "";
}

/** The library adds the request and the time to its messages, line by line. */
function firstLine({ message }: Error): string {
  return message.split("\n")[0]?.trim() ?? "";
}
