import type { Clock } from "../../src/base/clock.ts";
import type { Timers } from "../../src/base/timers.ts";

/** Time that passes only when a test says so. */
export class ManualTimers implements Timers, Clock {
  #nowMs: number;
  #waiting: { readonly atMs: number; readonly task: () => void }[] = [];

  constructor(nowMs = 0) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  after(delayMs: number, task: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, task };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** How many tasks wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Lets time pass, and what then runs settle. */
  async pass(durationMs: number): Promise<void> {
    this.#nowMs += durationMs;
    const due = this.#waiting.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#waiting = this.#waiting.filter((entry) => !due.includes(entry));
    for (const { task } of due) task();
    // Two turns of the event loop: one for I/O that completes at once, one for what follows.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
