/**
 * Every error code that a client may see, with its status and message.
 *
 * Source: reference of Distribution, "Error document"; OCI distribution specification, "Error
 * Codes".
 *
 * @module
 */

/** What a code stands for. */
export interface ErrorCodeRow {
  /** HTTP status of an answer whose first error this is. */
  readonly status: number;
  /** The message on the wire. */
  readonly message: string;
}

/** Code to status and message. */
export const ERROR_CODES = {
  UNKNOWN: { status: 500, message: "unknown error" },
  UNSUPPORTED: { status: 405, message: "The operation is unsupported." },
  UNAUTHORIZED: { status: 401, message: "authentication required" },
  DENIED: { status: 403, message: "requested access to the resource is denied" },
  UNAVAILABLE: { status: 503, message: "service unavailable" },
  TOOMANYREQUESTS: { status: 429, message: "too many requests" },
  DIGEST_INVALID: {
    status: 400,
    message: "provided digest did not match uploaded content",
  },
  SIZE_INVALID: { status: 400, message: "provided length did not match content length" },
  RANGE_INVALID: { status: 416, message: "invalid content range" },
  NAME_INVALID: { status: 400, message: "invalid repository name" },
  TAG_INVALID: { status: 400, message: "manifest tag did not match URI" },
  NAME_UNKNOWN: { status: 404, message: "repository name not known to registry" },
  MANIFEST_UNKNOWN: { status: 404, message: "manifest unknown" },
  MANIFEST_INVALID: { status: 400, message: "manifest invalid" },
  MANIFEST_BLOB_UNKNOWN: { status: 400, message: "blob unknown to registry" },
  BLOB_UNKNOWN: { status: 404, message: "blob unknown to registry" },
  BLOB_UPLOAD_UNKNOWN: { status: 404, message: "blob upload unknown to registry" },
  BLOB_UPLOAD_INVALID: { status: 404, message: "blob upload invalid" },
  PAGINATION_NUMBER_INVALID: {
    status: 400,
    message: "invalid number of results requested",
  },
} as const satisfies Readonly<Record<string, ErrorCodeRow>>;

/** A code that a client may see. */
export type ErrorCode = keyof typeof ERROR_CODES;
