import { RequestCounter } from "./request_counter.ts";

/** Methods of requests that have no body to receive. */
const BODILESS_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);

/** Knows which requests are being answered, and whether new ones are still taken. */
export class Traffic {
  /** Requests that came and are not answered, their bodies included. */
  readonly running = new RequestCounter();
  /** Those of them whose body may still be on its way here. */
  readonly receiving = new RequestCounter();
  #isRefused = false;

  /** Whether a request that comes now is to be refused. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** Takes no request from now on. */
  refuse(): void {
    this.#isRefused = true;
  }

  /**
   * Notes that a request came.
   *
   * @param sent settles when its answer is sent, or cannot be
   * @returns to be called when its handler is done
   */
  begin(method: string, sent: Promise<unknown>): () => void {
    this.running.begin();
    const sentOrNot = sent.catch(() => {});
    const isReceiving = !BODILESS_METHODS.has(method);
    if (isReceiving) this.receiving.begin();
    return () => {
      if (isReceiving) this.receiving.end();
      // A client that has gone does not end the work that its request began.
      sentOrNot.then(() => this.running.end());
    };
  }
}
