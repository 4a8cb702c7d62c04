/** What another registry, or the way to it, can fail with. */
export type ClientErrorCode =
  /** It does not have what was asked for. */
  | "not_found"
  /** It wants credentials that are not there, or wrong. */
  | "unauthorized"
  /** It knows who asks and refuses. */
  | "denied"
  /** It wants fewer requests; see {@linkcode ClientError.retryAfterMs}. */
  | "too_many_requests"
  /** It does not answer, or with a failure of its own. */
  | "unavailable"
  /** It sent what it should not: another digest, too much, no JSON. */
  | "invalid_answer"
  /** It wanted this program to go where it must not. */
  | "refused";

/** Data that goes with a {@linkcode ClientError}. */
export interface ClientErrorOptions {
  /** The status that came, where one did. */
  readonly status?: number | undefined;
  /** How long the registry wants to be left alone, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/** The one error that leaves this folder. No message holds a credential or a signed URL. */
export class ClientError extends Error {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ClientErrorCode, message: string, options: ClientErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Tells whether `error` is a failure of another registry with this code. */
export function isClientError(error: unknown, code?: ClientErrorCode): error is ClientError {
  return error instanceof ClientError && (code === undefined || error.code === code);
}
