/** Makes callers that ask for the same thing at the same time share one answer. */
export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();

  /** Gives the result of the task that already runs for `key`, or of `task`. */
  run(key: string, task: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = task().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
