/**
 * What sends the events of an outbox to all endpoints: in the thread that asks, or in one of its own
 * (`sender_thread.ts`). It reads the outbox and writes nothing there: it reports, as plain data that
 * another thread can be told, and whoever has the outbox notes it.
 *
 * Reports come in the order in which things happened. What was sent and not reported yet is sent
 * again after a crash.
 *
 * @module
 */

import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { EndpointConfig } from "../config/config.ts";
import { Delivery } from "./delivery.ts";
import type { EventNumbers } from "./event_numbers.ts";
import type { Death, Positions } from "./outbox_book.ts";
import type { OutboxParts } from "./outbox_parts.ts";

/** Sends events until it is closed. */
export interface EventSender {
  /** There are new events. */
  wake(): void;
  /** Ends it; what is on its way is sent again at the next start. */
  close(): Promise<void>;
}

/** How many times something happened since the last report. */
export interface DeliveryCounts {
  /** Events that were begun with, and those that were taken. */
  readonly Events: number;
  readonly Successes: number;
  /** Posts that were refused, and those without an answer. */
  readonly Failures: number;
  readonly Errors: number;
  /** Statuses with their texts, such as `200 OK`. */
  readonly statuses: Readonly<Record<string, number>>;
}

/** What happened to the events of an endpoint, which stands at `index` in the configuration. */
export type DeliveryReport =
  & { readonly index: number }
  & (
    /** It has all events up to these. */
    | { readonly kind: "progress"; readonly positions: Positions; readonly counts: DeliveryCounts }
    /** It would not take these events, with which it is so far. */
    | {
      readonly kind: "buried";
      readonly events: readonly string[];
      readonly positions: Positions;
      readonly death: Death;
    }
    /** It fails, so there are pauses now. */
    | { readonly kind: "failing"; readonly reason: string }
    /** Events could not be read. */
    | { readonly kind: "unreadable"; readonly reason: string }
  );

/** Options of {@linkcode Sender}. */
export interface SenderOptions {
  readonly parts: Pick<OutboxParts, "discover" | "read">;
  readonly numbers: EventNumbers;
  readonly report: (report: DeliveryReport) => void;
  /** Names of the endpoints in the outbox. */
  readonly keys: readonly string[];
  readonly clock?: Clock;
  readonly timers?: Timers;
  readonly fetch?: typeof fetch;
}

/** Sends in this thread. */
export class Sender implements EventSender {
  readonly #deliveries: readonly Delivery[];

  constructor(endpoints: readonly EndpointConfig[], { keys, report, ...options }: SenderOptions) {
    this.#deliveries = endpoints.map((endpoint, index) =>
      new Delivery(endpoint, {
        ...options,
        key: keys[index] ?? "",
        report: (told) => report({ index, ...told }),
      })
    );
  }

  wake(): void {
    for (const delivery of this.#deliveries) delivery.wake();
  }

  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
  }
}
