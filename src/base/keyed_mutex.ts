/** Lets one holder at a time have a key; the others wait their turn in the order they came. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /**
   * Waits until every earlier holder of `key` has let go.
   *
   * @returns what lets go; calling it again does nothing
   */
  async acquire(key: string): Promise<() => void> {
    const before = this.#tails.get(key);
    const { promise: done, resolve } = Promise.withResolvers<void>();
    this.#tails.set(key, done);
    await before;
    return () => {
      resolve();
      if (this.#tails.get(key) === done) this.#tails.delete(key);
    };
  }

  /** Runs `task` when every earlier holder of `key` has let go, and gives its result. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const release = await this.acquire(key);
    try {
      return await task();
    } finally {
      release();
    }
  }
}
