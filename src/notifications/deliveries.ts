import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { EndpointConfig } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { Delivery } from "./delivery.ts";
import { Outbox, type OutboxRow } from "./outbox.ts";

/** Options of {@linkcode Deliveries}. */
export interface DeliveriesOptions {
  /** File of the outbox, or `:memory:`. */
  readonly path: string;
  readonly maxBytes: number;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  readonly timers?: Timers;
  readonly fetch?: typeof fetch;
}

/** How often what every endpoint has is forgotten, in milliseconds. */
const PRUNE_MS = 1000;

/**
 * The outbox of a process, and the deliveries to every endpoint. Where several processes share the
 * file, one delivers, and another takes over when it ends.
 */
export class Deliveries {
  readonly #outbox: Outbox;
  readonly #options: DeliveriesOptions;
  readonly #timers: Timers;
  #lock: Deno.FsFile | undefined;
  #deliveries: readonly Delivery[] = [];
  #cancelPrune = () => {};
  #isClosed = false;
  #isFull = false;

  /** @throws {OutboxError} failed */
  constructor(endpoints: readonly EndpointConfig[], options: DeliveriesOptions) {
    const { path, maxBytes, meter } = options;
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#outbox = new Outbox(path, { maxBytes });
    const keys = endpointKeys(endpoints);
    this.#outbox.setEndpoints(keys);
    const size = meter?.gauge(NOTIFICATION_INSTRUMENTS.outboxSize).with();
    meter?.beforeSnapshot(() => {
      if (!this.#isClosed) size?.set(this.#outbox.sizeBytes);
    });
    this.#begin(endpoints, keys);
  }

  /**
   * Records events.
   * @throws {OutboxError} full, failed
   */
  commit(rows: readonly OutboxRow[], durable: boolean): void {
    try {
      this.#outbox.append(rows, { durable });
    } catch (error) {
      if (!this.#isFull) {
        this.#options.log.error("events are not recorded", {
          [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
        });
      }
      this.#isFull = true;
      throw error;
    }
    if (this.#isFull) this.#options.log.info("events are recorded again");
    this.#isFull = false;
    for (const delivery of this.#deliveries) delivery.notify();
  }

  /** Ends it; what is not delivered yet stays in the outbox. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelPrune();
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
    this.#outbox.close();
    this.#lock?.close();
  }

  async #begin(endpoints: readonly EndpointConfig[], keys: readonly string[]): Promise<void> {
    const { path, log, meter, fetch } = this.#options;
    if (path !== ":memory:") {
      try {
        this.#lock = Deno.openSync(`${path}.lock`, { create: true, write: true });
        await this.#lock.lock(true);
      } catch (error) {
        if (this.#isClosed) return;
        log.error("could not lock the outbox: events are not sent", {
          [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
        });
        return;
      }
    }
    if (this.#isClosed) return;
    this.#deliveries = endpoints.map((endpoint, index) =>
      new Delivery(endpoint, {
        outbox: this.#outbox,
        key: keys[index] ?? "",
        log,
        meter,
        timers: this.#timers,
        ...fetch === undefined ? {} : { fetch },
      })
    );
    this.#prune();
  }

  #prune(): void {
    try {
      this.#outbox.prune();
    } catch (error) {
      this.#options.log.warn("could not forget events that were sent", {
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
      });
    }
    this.#cancelPrune = this.#timers.after(PRUNE_MS, () => this.#prune());
  }
}

/** Names of endpoints in the outbox: two without a name, or with the same one, are told apart. */
export function endpointKeys(endpoints: readonly EndpointConfig[]): string[] {
  const seen = new Map<string, number>();
  return endpoints.map(({ name, url }) => {
    const key = name === "" ? url : name;
    const times = (seen.get(key) ?? 0) + 1;
    seen.set(key, times);
    return times === 1 ? key : `${key} (${times})`;
  });
}
