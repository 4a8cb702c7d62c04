import type { Positions } from "./outbox_book.ts";
import type { DeliveryCounts } from "./sender.ts";

/** How often progress is reported while there is more to send, in milliseconds. */
const REPORT_MS = 100;

type Count = "Events" | "Successes" | "Failures" | "Errors";

/** What has happened to the events of an endpoint since the last report. */
export class DeliveryProgress {
  #counts = { Events: 0, Successes: 0, Failures: 0, Errors: 0 };
  #statuses: Record<string, number> = {};
  #isCounted = false;
  #positions: Positions = {};
  #reportedMs: number;

  constructor(nowMs: number) {
    this.#reportedMs = nowMs;
  }

  /** Counts events, or posts that failed. */
  count(type: Count, amount: number): void {
    this.#counts[type] += amount;
    this.#isCounted = true;
  }

  /** Counts an answer, by its status with the text. */
  countStatus(code: string): void {
    this.#statuses[code] = (this.#statuses[code] ?? 0) + 1;
    this.#isCounted = true;
  }

  /** Whether a report is due although there is more to send. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#reportedMs >= REPORT_MS;
  }

  /** What is to be reported, which is then forgotten; `undefined` where nothing has happened. */
  take(positions: Positions, nowMs: number): DeliveryCounts | undefined {
    this.#reportedMs = nowMs;
    if (!this.#isCounted && positions === this.#positions) return undefined;
    const counts = { ...this.#counts, statuses: this.#statuses };
    this.#counts = { Events: 0, Successes: 0, Failures: 0, Errors: 0 };
    this.#statuses = {};
    this.#isCounted = false;
    this.#positions = positions;
    return counts;
  }
}
