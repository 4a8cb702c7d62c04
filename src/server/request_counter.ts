/** Counts the requests that are being answered, and tells when there are none. */
export class RequestCounter {
  #running = 0;
  #whenIdle: PromiseWithResolvers<void> | undefined;

  /** Requests that are being answered. */
  get running(): number {
    return this.#running;
  }

  /** Notes that a request came; each is to be ended once. */
  begin(): void {
    this.#running++;
  }

  /** Notes that a request was answered, its body included. */
  end(): void {
    this.#running--;
    if (this.#running === 0) this.#whenIdle?.resolve();
  }

  /** Resolves when no request is being answered; from then on the promise stays resolved. */
  whenIdle(): Promise<void> {
    this.#whenIdle ??= Promise.withResolvers<void>();
    if (this.#running === 0) this.#whenIdle.resolve();
    return this.#whenIdle.promise;
  }
}
