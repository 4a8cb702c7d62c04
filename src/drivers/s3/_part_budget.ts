import type { Timers } from "../../base/timers.ts";

/** After so long a share no longer counts, in milliseconds: it belongs to a client that is slow. */
const COUNTED_MS = 2_000;

/** What {@linkcode PartBudget} goes by. */
export interface PartBudgetOptions {
  /** How much memory the parts that are being filled or sent may take together, in bytes. */
  readonly limitBytes: number;
  readonly timers: Timers;
}

/**
 * Shares memory among the uploads at work: who gets none waits, and its client with it.
 *
 * A part can be sent only when it is full, so that a hundred half full ones would be in memory for
 * long; it is better to fill some and to send them. A share that is held for longer than some
 * seconds no longer counts: clients that are slow never keep others waiting, and take little
 * memory, for a buffer grows with what is in it.
 */
export class PartBudget {
  readonly #timers: Timers;
  readonly #waiting: (() => void)[] = [];
  readonly #limitBytes: number;
  #takenBytes = 0;

  constructor({ limitBytes, timers }: PartBudgetOptions) {
    this.#limitBytes = limitBytes;
    this.#timers = timers;
  }

  /** Waits for a share; gives what returns it, which may be called again. */
  async take(sizeBytes: number): Promise<() => void> {
    while (this.#takenBytes > 0 && this.#takenBytes + sizeBytes > this.#limitBytes) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#takenBytes += sizeBytes;
    let counted = true;
    const giveBack = () => {
      if (!counted) return;
      counted = false;
      stopTimer();
      this.#takenBytes -= sizeBytes;
      for (const wake of this.#waiting.splice(0)) wake();
    };
    const stopTimer = this.#timers.after(COUNTED_MS, giveBack);
    return giveBack;
  }
}
