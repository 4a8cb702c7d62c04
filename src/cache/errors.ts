/** What a descriptor cache can fail with. */
export type CacheErrorCode = "unavailable";

/** The one error that leaves a descriptor cache. */
export class CacheError extends Error {
  override readonly name = "CacheError";
  readonly code: CacheErrorCode;

  constructor(code: CacheErrorCode, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot delete while others cannot be told of it: ${reason}`, { cause });
    this.code = code;
  }
}
