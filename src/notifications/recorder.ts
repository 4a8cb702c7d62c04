import { setImmediate } from "node:timers";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { EventAction, EventRecorder, EventSource, OperationEvent } from "./event.ts";
import type { EventNumbers } from "./event_numbers.ts";
import type { OutboxRow } from "./outbox_row.ts";
import type { PartWriter } from "./part_writer.ts";

/** Options of {@linkcode Recorder}. */
export interface RecorderOptions {
  readonly writer: Pick<PartWriter, "append" | "sync" | "close">;
  readonly numbers: EventNumbers;
  readonly source: EventSource;
  readonly includeReferences: boolean;
  /** Whether anybody wants such an event. */
  readonly wants: (action: EventAction, repository: string) => boolean;
  /** Whether pulls wait until they are on disk. */
  readonly durablePulls: boolean;
  /** Whether requests fail whose events cannot be recorded. */
  readonly refuse: boolean;
  readonly clock?: Clock;
  /** Settles when all that is going on in this moment has been looked at. @default `setImmediate` */
  readonly turn?: () => Promise<void>;
  /** Makes an id. @default a UUID */
  readonly newId?: () => string;
}

/** Events that are written together. */
interface Batch {
  readonly rows: OutboxRow[];
  /** Settles when they outlive the program. */
  readonly written: Promise<void>;
  /** The same, also where they could not be written. */
  readonly tried: Promise<void>;
  /** Settles when they are on disk; `undefined` while nobody waits for that. */
  synced: Promise<void> | undefined;
}

/**
 * Records the events of one thread, each before the request is answered that caused it. Those of one
 * turn of the event loop are written together, and share one wait for the disk, which holds up only
 * those who need it.
 */
export class Recorder implements EventRecorder {
  readonly includeReferences: boolean;
  readonly wants: (action: EventAction, repository: string) => boolean;
  readonly #options: RecorderOptions;
  readonly #clock: Clock;
  readonly #turn: () => Promise<void>;
  readonly #newId: () => string;
  #batch: Batch | undefined;
  #timestampMs = NaN;
  #timestamp = "";

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.includeReferences = options.includeReferences;
    this.wants = options.wants;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#turn = options.turn ?? (() => new Promise((resolve) => setImmediate(resolve)));
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  record({ action, target, request, actor }: OperationEvent): Promise<void> {
    const { source, durablePulls, refuse, numbers, writer } = this.#options;
    const atMs = this.#clock.now();
    const event = {
      id: this.#newId(),
      timestamp: this.#timestampOf(atMs),
      action,
      target,
      request,
      actor,
      source,
    };
    const isPull = action === "pull";
    const batch = this.#batch ??= this.#begin();
    batch.rows.push({ sequence: numbers.next(), event: JSON.stringify(event), atMs, isPull });
    if (isPull && !durablePulls) return batch.tried;
    const recorded = batch.synced ??= batch.written.then(() => writer.sync());
    // The writer has told the log why.
    return refuse && !isPull ? recorded : recorded.catch(() => {});
  }

  /** Writes what has been gathered, and ends it. */
  async close(): Promise<void> {
    await this.#batch?.tried;
    await this.#options.writer.close();
  }

  /** Most events come in the same millisecond as another one. */
  #timestampOf(atMs: number): string {
    if (atMs !== this.#timestampMs) {
      this.#timestampMs = atMs;
      this.#timestamp = new Date(atMs).toISOString();
    }
    return this.#timestamp;
  }

  #begin(): Batch {
    const rows: OutboxRow[] = [];
    const written = this.#write(rows);
    return { rows, written, tried: written.catch(() => {}), synced: undefined };
  }

  async #write(rows: readonly OutboxRow[]): Promise<void> {
    await this.#turn();
    this.#batch = undefined;
    this.#options.writer.append(rows);
  }
}
