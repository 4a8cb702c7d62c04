/**
 * The one seam between this program and Redis: commands go in, replies come out, and whoever calls
 * is never kept waiting by a server that is away.
 *
 * It knows no keys and no values: what they mean is the caller's affair. All replies are those of
 * RESP 2, whichever version the connection speaks.
 *
 * @module
 */

/** A command and its arguments, such as `["SISMEMBER", key, member]`. */
export type RedisCommand = readonly [name: string, ...args: (string | number)[]];

/** Options of {@linkcode RedisClient.send}. */
export interface SendOptions {
  /** Longest wait for the reply, in milliseconds. @default the client's own */
  readonly timeoutMs?: number;
}

/** A connection to Redis, which may be away at any time. */
export interface RedisClient {
  /**
   * Sends a command. Commands that are sent without waiting share one round trip.
   * @throws {RedisError} unavailable, refused
   */
  send(command: RedisCommand, options?: SendOptions): Promise<unknown>;
  /** Ends the connection; no call may follow. */
  close(): void;
}

/**
 * What a {@linkcode RedisClient} can fail with: `unavailable` says that no reply came, `refused`
 * that the server did not want the command.
 */
export type RedisErrorCode = "unavailable" | "refused";

/** The one error that leaves this folder. */
export class RedisError extends Error {
  override readonly name = "RedisError";
  readonly code: RedisErrorCode;

  constructor(code: RedisErrorCode, cause: unknown) {
    super(`redis: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.code = code;
  }
}
