import { CacheError } from "../cache/errors.ts";
import { DriverError } from "../drivers/driver.ts";
import type { Digest } from "../oci/digest.ts";

/** What the registry model can refuse, and the data that goes with each refusal. */
export interface StoreErrorDetails {
  /** The repository holds no such blob. */
  readonly blob_unknown: { readonly digest: Digest };
  /** The repository holds no such manifest. */
  readonly manifest_unknown: { readonly repository: string; readonly digest: Digest };
  /** The repository has no such tag. */
  readonly tag_unknown: { readonly repository: string; readonly tag: string };
  /** Nothing was ever pushed under this name. */
  readonly repository_unknown: { readonly repository: string };
  /** There is no such upload, or it has ended. */
  readonly upload_unknown: { readonly id: string };
  /** The content is not what its digest says; `expected` was asked for. */
  readonly digest_mismatch: { readonly expected: Digest };
  /** The bytes do not continue where the upload stands. */
  readonly range_mismatch: { readonly sizeBytes: number };
  /** The body is not as long as was announced. */
  readonly size_mismatch: { readonly expectedBytes: number; readonly receivedBytes: number };
  /** The client went away, or sent nothing for too long; what had arrived is kept. */
  readonly upload_interrupted: Record<never, never>;
  /** The manifest may not be stored; every reason is listed. */
  readonly manifest_rejected: { readonly problems: readonly ManifestProblem[] };
  /** The repository is a copy of another registry's: what is in it comes from there alone. */
  readonly pull_through_only: { readonly repository: string };
  /** The registry that the repository is a copy of does not give what was asked for. */
  readonly upstream_failed: {
    readonly reason: UpstreamFailure;
    readonly message: string;
    /** How long to wait before asking again, in seconds. */
    readonly retryAfterSeconds?: number;
  };
  /** Deleting is switched off. */
  readonly delete_disabled: Record<never, never>;
  /** What is stored is not what it was: the disk, or somebody else, has changed it. */
  readonly content_damaged: { readonly digest: Digest };
  /** There is no room left; what was stored before is untouched. */
  readonly storage_full: Record<never, never>;
  /** The storage failed, in its own words. */
  readonly storage_failed: { readonly message: string };
}

/** One reason why a manifest may not be stored. */
export type ManifestProblem =
  | { readonly code: "content_unknown"; readonly digest: Digest }
  | { readonly code: "url_refused"; readonly digest: Digest; readonly reason: string }
  | { readonly code: "class_refused"; readonly reason: string };

/** Why another registry does not give what was asked for. */
export type UpstreamFailure =
  | "unauthorized"
  | "denied"
  | "too_many_requests"
  | "unavailable"
  | "invalid_answer";

/** What a {@linkcode StoreError} can say. */
export type StoreErrorCode = keyof StoreErrorDetails;

/** The one error that leaves the registry model; see {@linkcode fromDriverError}. */
export class StoreError<Code extends StoreErrorCode = StoreErrorCode> extends Error {
  override readonly name = "StoreError";
  readonly code: Code;
  readonly detail: StoreErrorDetails[Code];

  constructor(code: Code, detail: StoreErrorDetails[Code], options?: ErrorOptions) {
    super(`${MESSAGES[code]}: ${JSON.stringify(detail)}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Turns what a driver failed with into an error of this family; any other error is left as it is.
 *
 * Stores let a driver's errors pass, and whoever looks at them on the other side of this folder's
 * border does it through this function: so nothing is caught only to be thrown again.
 */
export function fromDriverError(error: unknown): unknown {
  if (!(error instanceof DriverError)) return error;
  const options = { cause: error };
  if (error.code === "no_space") return new StoreError("storage_full", {}, options);
  return new StoreError("storage_failed", { message: error.message }, options);
}

/** Turns what a descriptor cache failed with into an error of this family; any other is left as it is. */
export function fromCacheError(error: unknown): unknown {
  if (!(error instanceof CacheError)) return error;
  return new StoreError("storage_failed", { message: error.message }, { cause: error });
}

/** Tells whether `error` is the refusal `code`. */
export function isStoreError<Code extends StoreErrorCode>(
  error: unknown,
  code: Code,
): error is StoreError<Code> {
  return error instanceof StoreError && error.code === code;
}

const MESSAGES: Readonly<Record<StoreErrorCode, string>> = {
  blob_unknown: "Cannot find blob",
  manifest_unknown: "Cannot find manifest",
  tag_unknown: "Cannot find tag",
  repository_unknown: "Cannot find repository",
  upload_unknown: "Cannot find upload",
  digest_mismatch: "Cannot accept content: its digest differs",
  range_mismatch: "Cannot accept content: it does not continue the upload",
  size_mismatch: "Cannot accept content: its length differs from what was announced",
  upload_interrupted: "Cannot finish receiving content: the client went away",
  manifest_rejected: "Cannot accept manifest",
  pull_through_only: "Cannot change a copy of another registry",
  upstream_failed: "Cannot fetch from the other registry",
  delete_disabled: "Cannot delete: deleting is switched off",
  content_damaged: "Cannot read stored content: it is damaged",
  storage_full: "Cannot store: no room is left",
  storage_failed: "Cannot reach the storage",
};
