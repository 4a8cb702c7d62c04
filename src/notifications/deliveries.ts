import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { EndpointConfig } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { DeliveryLedger } from "./delivery_ledger.ts";
import { EventNumbers } from "./event_numbers.ts";
import { JournalSwitch } from "./journal_switch.ts";
import type { JournalDamage } from "./journal_taker.ts";
import { OutboxBook } from "./outbox_book.ts";
import { OutboxParts } from "./outbox_parts.ts";
import { type EventSender, Sender } from "./sender.ts";
import { SenderThread } from "./sender_thread.ts";
import { Settler } from "./settler.ts";

/** Options of {@linkcode Deliveries}. */
export interface DeliveriesOptions {
  /** File of the outbox' book. */
  readonly path: string;
  /** Most bytes that dead letters may take; the oldest go. @default no limit */
  readonly maxDeadBytes?: number;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  /** Module that sends events when it is run as a worker. @default they are sent from this thread */
  readonly workerEntry?: string | undefined;
  readonly timers?: Timers;
  /** What posts, where they are sent from this thread. */
  readonly fetch?: typeof fetch;
}

/** How often what every endpoint has is forgotten, in milliseconds, and while there is more of it. */
const PRUNE_MS = 1000;
const PRUNE_MORE_MS = 100;

/**
 * Sends what is in the outbox of a process to every endpoint. Where several processes share the
 * files, one delivers, and another takes over when it ends.
 */
export class Deliveries {
  /** Gives the events of this process their numbers. */
  readonly numbers: EventNumbers = new EventNumbers();
  /** Tells its threads when they may write journals. */
  readonly journals: JournalSwitch = new JournalSwitch();
  readonly #book: OutboxBook;
  readonly #parts: OutboxParts;
  readonly #options: DeliveriesOptions;
  readonly #timers: Timers;
  readonly #endpoints: readonly EndpointConfig[];
  readonly #keys: readonly string[];
  readonly #ledger: DeliveryLedger;
  #lock: Deno.FsFile | undefined;
  /** The number since which this process is the one that sends. */
  #ownedSince = 0;
  #sender: EventSender | undefined;
  #settler: Settler | undefined;
  #cancelPrune = () => {};
  #isClosed = false;

  /** @throws {OutboxError} failed */
  constructor(endpoints: readonly EndpointConfig[], options: DeliveriesOptions) {
    const { path, log, meter, maxDeadBytes } = options;
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#endpoints = endpoints;
    this.#keys = endpointKeys(endpoints);
    this.#book = new OutboxBook(path);
    this.#parts = new OutboxParts(path, this.#book, {
      onDamage: (damage) => this.#noteDamage(damage),
    });
    this.#parts.discover();
    // After a failure of the machine the book may know of more than the parts still have.
    this.#book.limitPositions(this.#parts.ends);
    while (this.#parts.takeOver() < Infinity);
    // A clock that was set back must not make events older than those before them.
    this.numbers.begin(this.#parts.lastNumber);
    this.#book.setEndpoints(this.#keys, this.#parts.ends);
    this.#ledger = new DeliveryLedger(endpoints, {
      book: this.#book,
      parts: this.#parts,
      keys: this.#keys,
      maxDeadBytes,
      log,
      meter,
    });
    const size = meter?.gauge(NOTIFICATION_INSTRUMENTS.outboxSize).with();
    meter?.beforeSnapshot(() => {
      if (this.#isClosed) return;
      size?.set(this.#book.sizeBytes + this.#parts.sizeBytes);
      this.#ledger.measure();
    });
    this.#begin();
  }

  /** There are new events. */
  wake(): void {
    this.#sender?.wake();
  }

  /** Ends it; what is not delivered yet stays in the outbox. */
  async close(): Promise<void> {
    this.#isClosed = true;
    // Who has the lock next must be the only one who writes them.
    this.journals.turn("off");
    this.#cancelPrune();
    await Promise.all([this.#settler?.close(), this.#sender?.close()]);
    this.#parts.close();
    this.#book.close();
    this.#lock?.close();
  }

  async #begin(): Promise<void> {
    const { path, log } = this.#options;
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
    if (this.#isClosed) return;
    this.#ownedSince = this.numbers.next();
    this.journals.turn("on");
    this.#sender = this.#startSender();
    this.#prune();
  }

  #startSender(): EventSender {
    const { path, workerEntry: entry, log } = this.#options;
    if (entry === undefined) return this.#sendHere();
    return new SenderThread(this.#endpoints, {
      entry,
      path,
      numbers: this.numbers.shared,
      ownedSince: this.#ownedSince,
      keys: this.#keys,
      report: (report) => this.#ledger.note(report),
      onDamage: (damage) => this.#noteDamage(damage),
      onUnsettled: (reason) => this.#noteUnsettled(reason),
      onFailure: (reason) => {
        log.error("the thread that sends events failed: they are sent from the main thread", {
          [LOG_FIELDS.errorMessage]: reason,
        });
        if (!this.#isClosed) this.#sender = this.#sendHere();
      },
    });
  }

  #sendHere(): EventSender {
    const { fetch } = this.#options;
    this.#parts.own(this.#ownedSince);
    this.#settler = new Settler(this.#parts, {
      onFailure: (reason) => this.#noteUnsettled(reason),
      timers: this.#timers,
    });
    return new Sender(this.#endpoints, {
      parts: this.#parts,
      numbers: this.numbers,
      keys: this.#keys,
      report: (report) => this.#ledger.note(report),
      timers: this.#timers,
      ...fetch === undefined ? {} : { fetch },
    });
  }

  #noteDamage({ path, lines, cutOffBytes }: JournalDamage): void {
    const { log } = this.#options;
    if (lines > 0) log.error("events in a journal cannot be read", { path, events: lines });
    if (cutOffBytes === 0) return;
    log.warn("an event was not written to its end: its request was not answered", { path });
  }

  #noteUnsettled(reason: string): void {
    this.#options.log.warn("could not move events from their journals", {
      [LOG_FIELDS.errorMessage]: reason,
    });
  }

  #prune(): void {
    let isMore = false;
    try {
      this.#parts.discover();
      isMore = this.#parts.prune();
    } catch (error) {
      this.#options.log.warn("could not forget events that were sent", {
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
      });
    }
    const delayMs = isMore ? PRUNE_MORE_MS : PRUNE_MS;
    this.#cancelPrune = this.#timers.after(delayMs, () => this.#prune());
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
