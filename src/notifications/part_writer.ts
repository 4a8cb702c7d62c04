import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { NOTIFICATION_INSTRUMENTS } from "../metrics/instruments/notification_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import type { EventNumbers } from "./event_numbers.ts";
import type { JournalSwitch } from "./journal_switch.ts";
import { OutboxRoom } from "./outbox_room.ts";
import type { OutboxRow } from "./outbox_row.ts";
import { createJournalSink, createSharedSink, type PartSink } from "./part_sinks.ts";

/** Options of {@linkcode PartWriter}. */
export interface PartWriterOptions {
  /** File of the outbox' book. */
  readonly path: string;
  /** Name of the part. */
  readonly part: string;
  /** Most bytes that its events may take. */
  readonly maxBytes: number;
  readonly numbers: EventNumbers;
  /** Whether the process writes journals. */
  readonly journals: JournalSwitch;
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
  readonly #options: PartWriterOptions;
  readonly #timers: Timers;
  #isJournaling: boolean;
  #sink: PartSink;
  #room: OutboxRoom;
  /** Settles when what was written to before is on the disk, and closed. */
  #left: Promise<unknown> | undefined;
  #cancelTelling: (() => void) | undefined;
  #hasNew = false;
  #isFull = false;
  #isShortOfRoom = false;

  /** @throws {OutboxError} failed */
  constructor(options: PartWriterOptions) {
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#isJournaling = options.journals.isOn;
    this.#sink = this.#openSink();
    this.#room = new OutboxRoom(this.#sink, options.maxBytes);
  }

  /**
   * Records events; when it returns they outlive the program. Pulls may be left out; of the others
   * all or none are recorded.
   *
   * @throws {OutboxError} full, failed
   */
  append(rows: readonly OutboxRow[]): void {
    try {
      if (this.#options.journals.isOn !== this.#isJournaling) this.#change();
      const admitted = this.#admit(rows);
      if (admitted.length === 0) return;
      this.#sink.append(admitted);
    } catch (error) {
      this.#noteFailed(rows, error);
      throw error;
    }
    if (this.#isFull) this.#options.log.info("events are recorded again");
    this.#isFull = false;
    this.#tell();
  }

  /**
   * Settles when what was given to `append` in this turn of the event loop, or before, outlives the
   * machine.
   * @throws {OutboxError} failed
   */
  sync(): Promise<void> {
    return this.#sink.sync();
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#cancelTelling?.();
    if (this.#hasNew) this.#options.onEvents();
    await Promise.all([this.#left, this.#sink.close()]);
  }

  #admit(rows: readonly OutboxRow[]): readonly OutboxRow[] {
    let droppedPulls = 0;
    const admitted = rows.filter((row) => {
      const admission = this.#room.admit(row);
      droppedPulls += admission.droppedPulls;
      return admission.isAdmitted;
    });
    if (droppedPulls > 0) this.#noteDropped(droppedPulls);
    else if (this.#isShortOfRoom) this.#isShortOfRoom = !rows.some(({ isPull }) => isPull);
    return admitted;
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

  #openSink(): PartSink {
    const { path, part, maxBytes, numbers } = this.#options;
    return this.#isJournaling
      ? createJournalSink(path, { part, maxBytes, newNumber: () => numbers.next() })
      : createSharedSink(path, part);
  }

  /** Writes to something else from now on. */
  #change(): void {
    this.#left = Promise.all([this.#left, this.#sink.close()]);
    this.#isJournaling = !this.#isJournaling;
    this.#sink = this.#openSink();
    this.#room = new OutboxRoom(this.#sink, this.#options.maxBytes);
  }

  #noteDropped(pulls: number): void {
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
