import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { OutboxParts } from "./outbox_parts.ts";

/** Options of {@linkcode Settler}. */
export interface SettlerOptions {
  /** Is told why it did not work; it is tried again. */
  readonly onFailure: (reason: string) => void;
  readonly timers?: Timers;
  readonly clock?: Clock;
}

/** How often it is looked for something to move, in milliseconds; while there is more; and after a failure. */
const SETTLE_MS = 500;
const SETTLE_MORE_MS = 5;
const SETTLE_AGAIN_MS = 5000;

/** How often nothing at all is left, in milliseconds. */
const THOROUGH_MS = 5000;

/** Moves events from time to time from where they were recorded to where they are kept. */
export class Settler {
  readonly #parts: Pick<OutboxParts, "settle">;
  readonly #options: SettlerOptions;
  readonly #timers: Timers;
  #running: Promise<void> = Promise.resolve();
  readonly #clock: Clock;
  #thoroughMs: number;
  #cancel = () => {};
  #isClosed = false;

  constructor(parts: Pick<OutboxParts, "settle">, options: SettlerOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#thoroughMs = this.#clock.now();
    this.#plan(SETTLE_MORE_MS);
  }

  /** Ends it, when it has finished what it does. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#running;
  }

  #plan(delayMs: number): void {
    this.#cancel = this.#timers.after(delayMs, () => {
      this.#running = this.#settle();
    });
  }

  async #settle(): Promise<void> {
    let delayMs = SETTLE_MS;
    try {
      const nowMs = this.#clock.now();
      const isThorough = Math.abs(nowMs - this.#thoroughMs) >= THOROUGH_MS;
      if (isThorough) this.#thoroughMs = nowMs;
      if (await this.#parts.settle({ isThorough })) delayMs = SETTLE_MORE_MS;
    } catch (error) {
      this.#options.onFailure(error instanceof Error ? error.message : String(error));
      delayMs = SETTLE_AGAIN_MS;
    }
    if (!this.#isClosed) this.#plan(delayMs);
  }
}
