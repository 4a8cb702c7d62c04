import { Semaphore } from "../base/semaphore.ts";
import type { Timers } from "../base/timers.ts";
import type { BufferPool } from "./part_buffer.ts";

/** How often it is looked whether a part grows, in milliseconds. */
const LOOK_MS = 10_000;

/** A part that grows by less between two looks belongs to a client that is slow, in bytes. */
const SLOW_BYTES = 512 * 1024;

/** What {@linkcode PartBudget} goes by. */
export interface PartBudgetOptions {
  /** How much memory the parts that are being filled or sent may take together, in bytes. */
  readonly limitBytes: number;
  readonly timers: Timers;
  /**
   * How many parts are on their way at once: each is in memory twice or thrice, for the runtime
   * copies what it sends.
   * @default 3
   */
  readonly sends?: number;
}

/** Memory that an upload has got for a part. */
export interface Share {
  /** The part is full: the share now counts until it is given back, however long that takes. */
  fill(): void;
  /** Ends the share; it may be called again. */
  giveBack(): void;
}

/** No share at all. */
export const NO_SHARE: Share = { fill: () => {}, giveBack: () => {} };

/**
 * Shares memory among the uploads at work: who gets none waits, and its client with it.
 *
 * A part can be sent only when it is full, so that a hundred half full ones would be in memory for
 * long; it is better to fill some and to send them. A share whose part hardly grows no longer counts:
 * clients that are slow never keep others waiting for long.
 */
export class PartBudget implements BufferPool {
  readonly #timers: Timers;
  readonly #waiting: (() => void)[] = [];
  readonly #limitBytes: number;
  readonly #sends: Semaphore;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #takenBytes = 0;

  constructor({ limitBytes, timers, sends = 3 }: PartBudgetOptions) {
    this.#sends = new Semaphore(sends);
    this.#limitBytes = limitBytes;
    this.#timers = timers;
  }

  /**
   * Waits for a share; at least one is always to be had.
   * @param filledBytes tells how far the part is
   */
  async take(sizeBytes: number, filledBytes: () => number): Promise<Share> {
    while (this.#takenBytes > 0 && this.#takenBytes + sizeBytes > this.#limitBytes) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    let countedBytes = 0;
    let stopTimer = () => {};
    const count = (bytes: number) => {
      stopTimer();
      this.#takenBytes += bytes - countedBytes;
      countedBytes = bytes;
      if (bytes > 0) return;
      for (const wake of this.#waiting.splice(0)) wake();
    };
    const watch = (seenBytes: number) => {
      stopTimer = this.#timers.after(LOOK_MS, () => {
        const bytes = filledBytes();
        if (bytes - seenBytes < SLOW_BYTES) count(0);
        else watch(bytes);
      });
    };
    count(sizeBytes);
    watch(0);
    return { fill: () => count(sizeBytes), giveBack: () => count(0) };
  }

  borrow(sizeBytes: number): Uint8Array<ArrayBuffer> {
    const index = this.#free.findIndex(({ byteLength }) => byteLength === sizeBytes);
    return this.#free.splice(index, index < 0 ? 0 : 1)[0] ?? new Uint8Array(sizeBytes);
  }

  giveBack(bytes: Uint8Array<ArrayBuffer>): void {
    const freeBytes = this.#free.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (freeBytes + bytes.byteLength <= this.#limitBytes) this.#free.push(bytes);
  }

  /** Sends something large when it is its turn. */
  send<T>(task: () => Promise<T>): Promise<T> {
    return this.#sends.run(task);
  }
}
