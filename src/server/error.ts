/** What can keep a server from listening. */
export type ServerErrorCode =
  | "bad_address"
  | "address_in_use"
  | "address_unavailable"
  | "permission_denied"
  | "not_a_socket"
  | "tls_unreadable"
  | "tls_invalid"
  | "listen_failed";

/** The one error that leaves this folder; its message is for the operator and names the key. */
export class ServerError extends Error {
  override readonly name = "ServerError";
  /** What happened, from a closed set. */
  readonly code: ServerErrorCode;

  constructor(code: ServerErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}
