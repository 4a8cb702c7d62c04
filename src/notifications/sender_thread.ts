/**
 * Sends events in a thread of its own, so that a post, which costs more than a request does, holds up
 * none. The thread begins from the program's own entry, which knows by its name what it is for.
 *
 * @module
 */

import type { EndpointConfig } from "../config/config.ts";
import type { JournalDamage } from "./journal_taker.ts";
import type { DeliveryReport, EventSender } from "./sender.ts";

/** What the thread is told. */
export type ToSenderThread =
  | {
    readonly kind: "send";
    readonly endpoints: readonly EndpointConfig[];
    /** Names of the endpoints in the outbox. */
    readonly keys: readonly string[];
    /** File of the outbox' book. */
    readonly path: string;
    /** See `event_numbers.ts`. */
    readonly numbers: SharedArrayBuffer;
    /** Since then this process alone has journals; see `outbox_parts.ts`. */
    readonly ownedSince: number;
  }
  /** There are new events. */
  | { readonly kind: "wake" }
  | { readonly kind: "close" };

/** What the thread tells. */
export type FromSenderThread =
  /** It can be told to send. */
  | { readonly kind: "ready" }
  | { readonly kind: "report"; readonly report: DeliveryReport }
  /** A journal is damaged. */
  | { readonly kind: "damage"; readonly damage: JournalDamage }
  /** Events could not be moved from the journals. */
  | { readonly kind: "unsettled"; readonly reason: string }
  /** It has ended, and told everything. */
  | { readonly kind: "closed" };

/** The name by which the entry of the program knows that it is to send events. */
export const SENDER_THREAD_NAME = "events";

/** Options of {@linkcode SenderThread}. */
export interface SenderThreadOptions {
  /** Module that sends events when it is run as a worker of the name {@linkcode SENDER_THREAD_NAME}. */
  readonly entry: string;
  readonly keys: readonly string[];
  readonly path: string;
  readonly numbers: SharedArrayBuffer;
  /** Since then this process alone has journals; see `outbox_parts.ts`. */
  readonly ownedSince: number;
  readonly report: (report: DeliveryReport) => void;
  readonly onDamage: (damage: JournalDamage) => void;
  readonly onUnsettled: (reason: string) => void;
  /** Is told once if the thread fails: it has then ended. */
  readonly onFailure: (reason: string) => void;
}

/** The main thread's end of the thread that sends. */
export class SenderThread implements EventSender {
  readonly #worker: Worker;
  readonly #closed = Promise.withResolvers<void>();
  #isReady = false;
  #hasFailed = false;

  constructor(endpoints: readonly EndpointConfig[], options: SenderThreadOptions) {
    const { entry, keys, path, numbers, ownedSince, onFailure } = options;
    this.#worker = new Worker(entry, { type: "module", name: SENDER_THREAD_NAME });
    this.#worker.onmessage = ({ data }: MessageEvent<FromSenderThread>) => {
      switch (data.kind) {
        case "ready":
          this.#isReady = true;
          this.#tell({ kind: "send", endpoints, keys, path, numbers, ownedSince });
          break;
        case "report":
          options.report(data.report);
          break;
        case "damage":
          options.onDamage(data.damage);
          break;
        case "unsettled":
          options.onUnsettled(data.reason);
          break;
        case "closed":
          this.#closed.resolve();
          break;
      }
    };
    this.#worker.onerror = (event) => {
      // Otherwise the failure of a thread would end the process.
      event.preventDefault();
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#worker.terminate();
      this.#closed.resolve();
      onFailure(event.message);
    };
  }

  wake(): void {
    if (this.#isReady) this.#tell({ kind: "wake" });
  }

  async close(): Promise<void> {
    if (!this.#hasFailed) this.#tell({ kind: "close" });
    await this.#closed.promise;
    this.#worker.terminate();
  }

  #tell(message: ToSenderThread): void {
    this.#worker.postMessage(message);
  }
}
