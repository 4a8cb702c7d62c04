import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";

/** How often a request is sent in all. */
const MAX_ATTEMPTS = 5;

/** The pause before the second attempt, in milliseconds; each further one is twice as long. */
const FIRST_PAUSE_MS = 100;

/** Longest wait for the beginning of an answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 60_000;

/** Statuses of a store that is busy, or away for a moment. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** A store's answer that is none of those that were hoped for. */
export class AnswerError extends Error {
  override readonly name = "AnswerError";
  readonly status: number;
  readonly headers: Headers;

  constructor(response: Response, text: string) {
    super(`status ${response.status}${text === "" ? "" : `: ${text}`}`);
    this.status = response.status;
    this.headers = response.headers;
  }
}

/** Options of {@linkcode fetchAnswer}. */
export interface FetchAnswerOptions {
  /** Makes the request; asked anew for each attempt, since what signs it may grow old. */
  readonly request: () => Promise<readonly [url: string, init: RequestInit]>;
  /** The statuses that are an answer. */
  readonly expect: readonly number[];
  /** Whether a request that may have been carried out is sent again. @default true */
  readonly repeatable?: boolean;
  readonly timers?: Timers;
  /** @default Math.random */
  readonly random?: () => number;
  readonly fetcher?: typeof fetch;
}

/**
 * Sends a request, again where the store is busy or the network fails.
 *
 * @throws {AnswerError} another answer than expected
 * @throws {Error} no answer came
 */
export async function fetchAnswer(options: FetchAnswerOptions): Promise<Response> {
  const { repeatable = true, timers = SYSTEM_TIMERS, random = Math.random } = options;
  for (let attempt = 1;; attempt++) {
    try {
      return await sendOnce(options, timers);
    } catch (error) {
      const isFinal = error instanceof AnswerError && !PASSING_STATUSES.has(error.status);
      if (isFinal || !repeatable || attempt === MAX_ATTEMPTS) throw error;
    }
    const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + random());
    await new Promise<void>((resolve) => timers.after(pauseMs, resolve));
  }
}

async function sendOnce(
  { request, expect, fetcher = fetch }: FetchAnswerOptions,
  timers: Timers,
): Promise<Response> {
  const [url, init] = await request();
  const patience = new AbortController();
  const stopWatch = timers.after(ANSWER_TIMEOUT_MS, () => {
    patience.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS}ms`));
  });
  try {
    const response = await fetcher(url, { ...init, redirect: "manual", signal: patience.signal });
    if (expect.includes(response.status)) return response;
    throw new AnswerError(response, (await response.text()).slice(0, 1000));
  } finally {
    stopWatch();
  }
}
