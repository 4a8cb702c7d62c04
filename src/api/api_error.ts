import { ERROR_CODES, type ErrorCode } from "./error_codes.ts";

/** One entry of an error document. */
export interface ApiErrorEntry {
  readonly code: ErrorCode;
  /** @default the message of the code */
  readonly message?: string;
  /** Whatever helps the client; left out where there is nothing to say. */
  readonly detail?: unknown;
}

/** Options of {@linkcode ApiError}. */
export interface ApiErrorOptions {
  /** @default the status of the first code */
  readonly status?: number;
  /** Headers that belong to the answer, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An answer that is an error; `respond.ts` alone makes a response of it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly entries: readonly [ApiErrorEntry, ...ApiErrorEntry[]];
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    entries: ApiErrorEntry | readonly [ApiErrorEntry, ...ApiErrorEntry[]],
    options: ApiErrorOptions = {},
  ) {
    const [first, ...rest] = "code" in entries ? [entries] : entries;
    super(
      `Cannot answer the request: ${first.code}`,
      options.cause === undefined ? {} : { cause: options.cause },
    );
    this.entries = [first, ...rest];
    this.status = options.status ?? ERROR_CODES[first.code].status;
    this.headers = options.headers ?? {};
  }
}
