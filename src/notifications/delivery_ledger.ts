import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { EndpointConfig } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import type { OutboxBook } from "./outbox_book.ts";
import type { OutboxParts } from "./outbox_parts.ts";
import type { DeliveryCounts, DeliveryReport } from "./sender.ts";

/** Options of {@linkcode DeliveryLedger}. */
export interface LedgerOptions {
  readonly book: Pick<OutboxBook, "advance" | "bury" | "trimDeadLetters">;
  readonly parts: Pick<OutboxParts, "backlog">;
  /** Names of the endpoints in the outbox. */
  readonly keys: readonly string[];
  /** Most bytes that dead letters may take; the oldest go. @default no limit */
  readonly maxDeadBytes?: number | undefined;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  readonly clock?: Clock;
}

const COUNTED = ["Events", "Successes", "Failures", "Errors"] as const;

/** Notes what becomes of events: in the outbox, in the log, and in numbers. */
export class DeliveryLedger {
  readonly #endpoints: readonly EndpointConfig[];
  readonly #options: LedgerOptions;
  readonly #clock: Clock;

  constructor(endpoints: readonly EndpointConfig[], options: LedgerOptions) {
    this.#endpoints = endpoints;
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  /** Notes what a delivery reports. */
  note(report: DeliveryReport): void {
    const { book, keys, log } = this.#options;
    const { index } = report;
    const { name: endpoint = "" } = this.#endpoints[index] ?? {};
    const key = keys[index] ?? "";
    try {
      switch (report.kind) {
        case "progress":
          this.#count(endpoint, report.counts);
          book.advance(key, report.positions);
          break;
        case "buried":
          log.error("events given up: they are kept as dead letters", {
            endpoint,
            events: report.events.length,
            [LOG_FIELDS.errorMessage]: report.death.reason,
          });
          this.#bury(key, report);
          break;
        case "failing":
          log.warn("an endpoint does not take events: trying again at intervals", {
            endpoint,
            [LOG_FIELDS.errorMessage]: report.reason,
          });
          break;
        case "unreadable":
          log.error("could not read events to send", {
            endpoint,
            [LOG_FIELDS.errorMessage]: report.reason,
          });
          break;
      }
    } catch (error) {
      // They are sent again at the next start.
      log.error("could not note which events were sent", {
        endpoint,
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
      });
    }
  }

  #bury(key: string, letters: Parameters<OutboxBook["bury"]>[1]): void {
    const { book, log, meter, maxDeadBytes = Infinity } = this.#options;
    book.bury(key, letters);
    const events = book.trimDeadLetters(maxDeadBytes);
    if (events === 0) return;
    meter?.counter(NOTIFICATION_INSTRUMENTS.dropped).with("dead").add(events);
    log.error("the oldest dead letters are dropped", {
      "config.key": "notifications.outbox.maxsize",
      events,
    });
  }

  /** Measures what waits. */
  measure(): void {
    const { parts, keys, meter } = this.#options;
    const pending = meter?.gauge(NOTIFICATION_INSTRUMENTS.pending);
    const oldest = meter?.gauge(NOTIFICATION_INSTRUMENTS.oldest);
    const nowMs = this.#clock.now();
    for (const [index, { name }] of this.#endpoints.entries()) {
      const backlog = parts.backlog(keys[index] ?? "");
      pending?.with(name).set(backlog.pending);
      oldest?.with(name).set(Math.max(0, nowMs - (backlog.oldestMs ?? nowMs)) / 1000);
    }
  }

  #count(endpoint: string, { statuses, ...counts }: DeliveryCounts): void {
    const { meter } = this.#options;
    const events = meter?.counter(NOTIFICATION_INSTRUMENTS.events);
    for (const type of COUNTED) events?.with(type, endpoint).add(counts[type]);
    const status = meter?.counter(NOTIFICATION_INSTRUMENTS.status);
    for (const [code, times] of Object.entries(statuses)) status?.with(code, endpoint).add(times);
  }
}
