/** Why events could not be recorded: no room is left, or the database failed. */
export type OutboxErrorCode = "full" | "failed";

/** Events could not be recorded. */
export class OutboxError extends Error {
  override readonly name = "OutboxError";
  readonly code: OutboxErrorCode;

  constructor(code: OutboxErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}
