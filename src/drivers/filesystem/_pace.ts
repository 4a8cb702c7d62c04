/**
 * A call of the system that takes longer, in milliseconds, had to wait for the disk. Copying a piece
 * between the system's memory and ours takes a tenth of it.
 */
const SLOW_MS = 2;

/**
 * Tells whether a file is best read or written here, or on a thread that may wait.
 *
 * A call that ends at once costs a third here; one that waits for the disk would hold up every
 * other request of this thread. So it is done here until a call was slow, and again once a call by
 * a thread was quick.
 */
export class Pace {
  readonly #nowMs: () => number;
  #isQuick = true;

  /** @param nowMs a clock that never goes back, in milliseconds */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Whether the last call did not have to wait. */
  get isQuick(): boolean {
    return this.#isQuick;
  }

  /** Makes a call and notes how long it took. */
  measure<T>(call: () => T | Promise<T>): T | Promise<T> {
    const startedMs = this.#nowMs();
    const result = call();
    if (!(result instanceof Promise)) {
      this.#note(startedMs);
      return result;
    }
    return result.then((value) => {
      this.#note(startedMs);
      return value;
    });
  }

  #note(startedMs: number): void {
    this.#isQuick = this.#nowMs() - startedMs < SLOW_MS;
  }
}
