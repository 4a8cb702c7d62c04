import { DriverError } from "../driver.ts";
import { AnswerError } from "../fetch_answer.ts";

/** The name of the driver in the configuration and in its errors. */
export const NAME = "gcs";

/** The header with the vendor's name for a request. */
const REQUEST_HEADER = "x-guploader-uploadid";

/** The status of an answer of the store; `undefined`: it has not answered. */
export function storeStatus(error: unknown): number | undefined {
  if (error instanceof AnswerError) return error.status;
  // The library's errors are of several classes that have this in common.
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "number" && error.code >= 300 ? error.code : undefined;
}

/** Tells whether the store said that there is no such object. */
export function isMissing(error: unknown): boolean {
  return storeStatus(error) === 404;
}

/** Tells whether the store said that a range lies behind the end of an object. */
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
  return new DriverError("unavailable", { driver: NAME, path, cause });
}

/** What the store answered, with the vendor's id of the request; never a secret. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const status = storeStatus(error);
  const text = error.message.replaceAll(/\s*\n\s*/g, " ").slice(0, 500);
  if (status === undefined) return text;
  const request = requestId(error);
  return `${text.trim()} (status ${status}${request === "" ? "" : `, request ${request}`})`;
}

function requestId(error: Error): string {
  const headers = error instanceof AnswerError ? error.headers : headersOf(error);
  return headers?.get(REQUEST_HEADER) ?? "";
}

function headersOf(error: Error): Headers | undefined {
  if (!("response" in error)) return undefined;
  const { response } = error;
  if (typeof response !== "object" || response === null || !("headers" in response)) {
    return undefined;
  }
  const { headers } = response;
  if (headers instanceof Headers) return headers;
  return typeof headers === "object" && headers !== null
    ? new Headers(headers as Record<string, string>)
    : undefined;
}
