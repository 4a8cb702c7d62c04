import { constants } from "node:os";
import { DriverError, type DriverErrorCode } from "../driver.ts";

/** The name of the driver in the configuration and in its errors. */
export const NAME = "filesystem";

/** What the system says of a path at which there is no file, or no folder, to read. */
const MISSING: Readonly<Record<string, DriverErrorCode>> = {
  ENOENT: "path_not_found",
  ENOTDIR: "path_not_found",
  EISDIR: "path_not_found",
  // Longer than any name that the file system could have kept.
  ENAMETOOLONG: "path_not_found",
};

/** What the system says when nothing more can be kept. */
const FULL: Readonly<Record<string, DriverErrorCode>> = {
  ENOSPC: "no_space",
  EDQUOT: "no_space",
};

/** How the runtime tells of a quota, for which it has no code. */
const QUOTA_MESSAGE = `(os error ${constants.errno.EDQUOT})`;

/** The system's own code of an error, such as `ENOENT`; empty where there is none. */
export function systemCode(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && error.code !== undefined) return String(error.code);
  return error.message.includes(QUOTA_MESSAGE) ? "EDQUOT" : "";
}

/** The driver's error for a failure to read, list or remove. */
export function readFailure(error: unknown, path: string): DriverError {
  return toDriverError(error, { path, codes: MISSING });
}

/** The driver's error for a failure to write. */
export function writeFailure(error: unknown, path: string): DriverError {
  return toDriverError(error, { path, codes: FULL });
}

/** What is known of a failed call. */
interface Failure {
  readonly path: string;
  /** Our code for each of the system's; any other is `unavailable`. */
  readonly codes: Readonly<Record<string, DriverErrorCode>>;
}

function toDriverError(error: unknown, { path, codes }: Failure): DriverError {
  if (error instanceof DriverError) return error;
  const code = codes[systemCode(error)] ?? "unavailable";
  return new DriverError(code, { driver: NAME, path, cause: error });
}
