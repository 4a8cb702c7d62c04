import { median } from "./statistics.ts";

/** How to time an answer. */
export interface TimeGetOptions {
  /** How often to ask after the first time, which is not counted. */
  readonly times: number;
  /** No more is asked once so much time has passed, in milliseconds. */
  readonly limitMs: number;
  /** Is given the first answer's JSON, and throws where it is wrong. */
  check(document: unknown): void;
  readonly signal?: AbortSignal;
}

/** The median time from a GET request to the last byte of its answer. */
export async function timeGet(
  url: string,
  { times, limitMs, check, signal }: TimeGetOptions,
): Promise<{ readonly medianMs: number; readonly requests: number }> {
  const init = signal === undefined ? {} : { signal };
  const deadlineMs = performance.now() + limitMs;
  check(JSON.parse(await getText(url, init)));
  const durations: number[] = [];
  do {
    const startMs = performance.now();
    await getText(url, init);
    durations.push(performance.now() - startMs);
  } while (durations.length < times && performance.now() < deadlineMs);
  return { medianMs: median(durations), requests: durations.length };
}

async function getText(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (response.ok) return text;
  throw new Error(`GET ${url} answered ${response.status}: ${text.slice(0, 500)}`);
}
