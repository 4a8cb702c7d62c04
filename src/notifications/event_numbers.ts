import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";

/** Numbers to one millisecond. */
const NUMBERS_PER_MS = 1000;

/**
 * Gives events their numbers, which only go up in all threads together: the time in microseconds or,
 * where several fall together or the clock was set back, the next number. So processes that share an
 * outbox agree to the millisecond.
 */
export class EventNumbers {
  /** What all threads of the program share. */
  readonly shared: SharedArrayBuffer;
  readonly #last: BigInt64Array;
  readonly #clock: Clock;

  constructor(
    { shared = new SharedArrayBuffer(8), clock = SYSTEM_CLOCK }: {
      readonly shared?: SharedArrayBuffer | undefined;
      readonly clock?: Clock;
    } = {},
  ) {
    this.shared = shared;
    this.#last = new BigInt64Array(shared);
    this.#clock = clock;
  }

  /** The next number. */
  next(): number {
    const now = BigInt(this.#clock.now() * NUMBERS_PER_MS);
    for (;;) {
      const last = Atomics.load(this.#last, 0);
      const next = now > last ? now : last + 1n;
      if (Atomics.compareExchange(this.#last, 0, last, next) === last) return Number(next);
    }
  }

  /** Makes all further numbers higher than this one. */
  begin(after: number): void {
    for (;;) {
      const last = Atomics.load(this.#last, 0);
      if (last >= after) return;
      if (Atomics.compareExchange(this.#last, 0, last, BigInt(after)) === last) return;
    }
  }

  /**
   * Whatever has a number up to this one has it already. An event that was recorded before another
   * one was begun can be read whenever the other has a number up to this one.
   */
  given(): number {
    const passed = this.#clock.now() * NUMBERS_PER_MS - 1;
    return Math.max(Number(Atomics.load(this.#last, 0)), passed);
  }
}
