import type { AccessRecord } from "./controller.ts";

/** Why somebody is refused; for the log, never for the client. */
export type RefusalReason =
  | "credentials missing"
  | "credentials malformed"
  | "user unknown"
  | "password wrong"
  | "token invalid"
  | "scope insufficient"
  | "not allowed"
  | "too many failures";

/** What a controller can refuse, and the data that goes with each refusal. */
export interface AuthErrorDetails {
  /** Somebody else, or the same one with other credentials, may be let in. */
  readonly unauthorized: {
    readonly reason: RefusalReason;
    /** Value of `WWW-Authenticate`. */
    readonly challenge: string;
    /** The rights that are needed. */
    readonly access: readonly AccessRecord[];
  };
  /** Whoever asks is known, and may not do this. */
  readonly denied: { readonly reason: RefusalReason; readonly access: readonly AccessRecord[] };
  /** Too many attempts have failed; worth another try after a while. */
  readonly throttled: { readonly reason: RefusalReason; readonly retryAfterSeconds: number };
  /** Nobody can be let in: the file of users cannot be read, for instance. */
  readonly unavailable: { readonly message: string };
}

/** What an {@linkcode AuthError} can say. */
export type AuthErrorCode = keyof AuthErrorDetails;

/** The one error that leaves the controllers. */
export class AuthError<Code extends AuthErrorCode = AuthErrorCode> extends Error {
  override readonly name = "AuthError";
  readonly code: Code;
  readonly detail: AuthErrorDetails[Code];

  constructor(code: Code, detail: AuthErrorDetails[Code], options?: ErrorOptions) {
    super("message" in detail ? detail.message : `Cannot let in: ${detail.reason}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Tells whether `error` is the refusal `code`. */
export function isAuthError<Code extends AuthErrorCode>(
  error: unknown,
  code: Code,
): error is AuthError<Code> {
  return error instanceof AuthError && error.code === code;
}
