import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { OutboxPart, type OutboxRow } from "./outbox_part.ts";

/** Options of {@linkcode PartWriter}. */
export interface PartWriterOptions {
  /** File of the part. */
  readonly path: string;
  /** Most bytes that its events may take. */
  readonly maxBytes: number;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  /** Is told of new events, at once and then no more often than it matters. */
  readonly onEvents: () => void;
  readonly timers?: Timers;
}

/** How often it is told that there are new events, in milliseconds. */
const TELL_MS = 20;

/** The part of the outbox that a thread writes to. */
export class PartWriter {
  readonly #part: OutboxPart;
  readonly #options: PartWriterOptions;
  readonly #timers: Timers;
  #cancelTelling: (() => void) | undefined;
  #hasNew = false;
  #isFull = false;
  #isShortOfRoom = false;

  /** @throws {OutboxError} failed */
  constructor(options: PartWriterOptions) {
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#part = new OutboxPart(options.path, { maxBytes: options.maxBytes });
  }

  /**
   * Records events; when it returns they outlive the program.
   * @throws {OutboxError} full, failed
   */
  append(rows: readonly OutboxRow[]): void {
    try {
      const { droppedPulls } = this.#part.append(rows);
      this.#noteDropped(rows, droppedPulls);
    } catch (error) {
      this.#noteFailed(rows, error);
      throw error;
    }
    if (this.#isFull) this.#options.log.info("events are recorded again");
    this.#isFull = false;
    this.#tell();
  }

  /**
   * Settles when all that was given to `append` before outlives the machine.
   * @throws {OutboxError} failed
   */
  sync(): Promise<void> {
    return this.#part.sync();
  }

  /** Ends it. */
  close(): void {
    this.#cancelTelling?.();
    if (this.#hasNew) this.#options.onEvents();
    this.#part.close();
  }

  #tell(): void {
    this.#hasNew = true;
    if (this.#cancelTelling !== undefined) return;
    this.#hasNew = false;
    this.#options.onEvents();
    this.#cancelTelling = this.#timers.after(TELL_MS, () => {
      this.#cancelTelling = undefined;
      if (this.#hasNew) this.#tell();
    });
  }

  #noteDropped(rows: readonly OutboxRow[], pulls: number): void {
    if (pulls === 0) {
      if (rows.some(({ isPull }) => isPull)) this.#isShortOfRoom = false;
      return;
    }
    this.#count("pull", pulls);
    if (!this.#isShortOfRoom) {
      this.#options.log.warn("the outbox is nearly full: events of pulls are dropped", {
        "config.key": "notifications.outbox.maxsize",
      });
    }
    this.#isShortOfRoom = true;
  }

  #noteFailed(rows: readonly OutboxRow[], error: unknown): void {
    const pulls = rows.filter(({ isPull }) => isPull).length;
    this.#count("pull", pulls);
    this.#count("other", rows.length - pulls);
    if (!this.#isFull) {
      this.#options.log.error("events are not recorded", {
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
      });
    }
    this.#isFull = true;
  }

  #count(kind: "pull" | "other", events: number): void {
    if (events === 0) return;
    this.#options.meter?.counter(NOTIFICATION_INSTRUMENTS.dropped).with(kind).add(events);
  }
}
