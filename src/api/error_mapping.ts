import { IdleError } from "../base/read_pieces.ts";
import { ManifestError } from "../oci/manifest.ts";
import { OutboxError } from "../notifications/errors.ts";
import {
  fromDriverError,
  type ManifestProblem,
  StoreError,
  type StoreErrorCode,
  type StoreErrorDetails,
  type UpstreamFailure,
} from "../storage/errors.ts";
import { ApiError, type ApiErrorEntry } from "./api_error.ts";
import type { ErrorCode } from "./error_codes.ts";

/**
 * The status of a request whose client went away: nobody will see it but the log.
 *
 * Source: Distribution.
 */
const CLIENT_CLOSED_REQUEST = 499;

/** Another registry failed, not this one: clients that know more mirrors try the next. */
const BAD_GATEWAY = 502;

const UPSTREAM_CODES: Readonly<Record<UpstreamFailure, ErrorCode>> = {
  unauthorized: "UNAUTHORIZED",
  denied: "DENIED",
  too_many_requests: "TOOMANYREQUESTS",
  unavailable: "UNKNOWN",
  invalid_answer: "UNKNOWN",
};

/** Turns whatever a handler failed with into what the client is told. */
export function toApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof OutboxError) {
    const detail = "events cannot be recorded";
    return new ApiError({ code: "UNAVAILABLE", detail }, { cause: thrown });
  }
  const error = fromDriverError(thrown);
  if (error instanceof StoreError) return fromStoreError(error);
  if (error instanceof ManifestError) return fromManifestError(error);
  return new ApiError({ code: "UNKNOWN" }, { cause: error });
}

function fromManifestError(error: ManifestError): ApiError {
  const detail = error.badDigests.length === 0
    ? error.message
    : { message: error.message, digests: error.badDigests };
  return new ApiError({ code: "MANIFEST_INVALID", detail }, { cause: error });
}

type StoreErrorRow<Code extends StoreErrorCode> = (
  detail: StoreErrorDetails[Code],
  cause: unknown,
) => ApiError;

const STORE_ERRORS: { readonly [Code in StoreErrorCode]: StoreErrorRow<Code> } = {
  blob_unknown: ({ digest }) => new ApiError({ code: "BLOB_UNKNOWN", detail: digest }),
  manifest_unknown({ repository, digest }) {
    const detail = `unknown manifest name=${repository} revision=${digest}`;
    return new ApiError({ code: "MANIFEST_UNKNOWN", detail });
  },
  tag_unknown: ({ tag }) =>
    new ApiError({ code: "MANIFEST_UNKNOWN", detail: `unknown tag=${tag}` }),
  repository_unknown: ({ repository }) =>
    new ApiError({ code: "NAME_UNKNOWN", detail: { name: repository } }),
  upload_unknown: () =>
    new ApiError({ code: "BLOB_UPLOAD_UNKNOWN", detail: "blob upload unknown" }),
  digest_mismatch({ expected }) {
    const detail =
      `invalid digest for referenced layer: ${expected}, content does not match digest`;
    return new ApiError({ code: "DIGEST_INVALID", detail });
  },
  range_mismatch: ({ sizeBytes }) =>
    new ApiError({ code: "RANGE_INVALID", detail: `the upload stands at ${sizeBytes} bytes` }),
  size_mismatch: (detail) => new ApiError({ code: "SIZE_INVALID", detail }),
  upload_interrupted(_, cause) {
    const status = cause instanceof IdleError ? 408 : CLIENT_CLOSED_REQUEST;
    const detail = "the body ended before it was complete";
    return new ApiError({ code: "BLOB_UPLOAD_INVALID", detail }, { status, cause });
  },
  manifest_rejected({ problems }) {
    const [first, ...rest] = problems.map(fromProblem);
    return new ApiError(first === undefined ? { code: "MANIFEST_INVALID" } : [first, ...rest]);
  },
  pull_through_only: () => unsupported("this repository mirrors another registry: push there"),
  upstream_failed({ reason, message, retryAfterSeconds }, cause) {
    const headers = retryAfterSeconds === undefined
      ? {}
      : { "retry-after": String(retryAfterSeconds) };
    const entry = { code: UPSTREAM_CODES[reason], detail: message };
    const status = entry.code === "UNKNOWN" ? { status: BAD_GATEWAY } : {};
    return new ApiError(entry, { headers, cause, ...status });
  },
  delete_disabled: () => unsupported("this registry is configured to delete nothing"),
  content_damaged({ digest }, cause) {
    return new ApiError({ code: "UNKNOWN", detail: `stored content is damaged: ${digest}` }, {
      cause,
    });
  },
  storage_full(_, cause) {
    const message = "the storage is full: nothing was stored";
    return new ApiError({ code: "UNKNOWN", message }, { status: 507, cause });
  },
  storage_failed({ message }, cause) {
    return new ApiError({ code: "UNKNOWN", detail: message }, { cause });
  },
};

/** Clients show the message, and only where it is not the usual one of the code. */
function unsupported(message: string): ApiError {
  return new ApiError({ code: "UNSUPPORTED", message });
}

function fromStoreError<Code extends StoreErrorCode>(error: StoreError<Code>): ApiError {
  return STORE_ERRORS[error.code](error.detail, error.cause);
}

function fromProblem(problem: ManifestProblem): ApiErrorEntry {
  switch (problem.code) {
    case "content_unknown":
      return { code: "MANIFEST_BLOB_UNKNOWN", detail: problem.digest };
    case "url_refused":
      return { code: "MANIFEST_INVALID", detail: `${problem.digest}: ${problem.reason}` };
    case "class_refused":
      return { code: "DENIED", message: problem.reason };
  }
}
