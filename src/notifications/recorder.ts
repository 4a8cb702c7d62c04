import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import type { EventAction, EventRecorder, EventSource, OperationEvent } from "./event.ts";
import type { OutboxRow } from "./outbox.ts";

/** Writes events to the outbox, wherever that is; on disk when it settles, if `durable`. */
export type CommitEvents = (rows: readonly OutboxRow[], durable: boolean) => Promise<void>;

/** Options of {@linkcode BatchingRecorder}. */
export interface RecorderOptions {
  readonly commit: CommitEvents;
  readonly source: EventSource;
  readonly log: Logger;
  readonly includeReferences: boolean;
  /** Whether anybody wants such an event. */
  readonly wants: (action: EventAction, repository: string) => boolean;
  /** Whether pulls wait until they are on disk. */
  readonly durablePulls: boolean;
  /** Whether requests fail whose events cannot be recorded. */
  readonly refuse: boolean;
  readonly clock?: Clock;
  readonly timers?: Timers;
  /** Makes an id. @default a UUID */
  readonly newId?: () => string;
}

/** Longest that a pull waits to be written where nobody waits for it, in milliseconds. */
const RELAXED_DELAY_MS = 100;

/** So many events that nobody waits for are kept in memory; whoever brings more waits. */
const MAX_RELAXED = 5000;

/**
 * Collects the events of one thread and writes them in batches: while one batch is being written
 * the next gathers, so that many requests share one wait for the disk.
 */
export class BatchingRecorder implements EventRecorder {
  readonly includeReferences: boolean;
  readonly wants: (action: EventAction, repository: string) => boolean;
  readonly #options: RecorderOptions;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #newId: () => string;
  #rows: OutboxRow[] = [];
  #isDurable = false;
  #gathering: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.includeReferences = options.includeReferences;
    this.wants = options.wants;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  record({ action, target, request, actor }: OperationEvent): Promise<void> | undefined {
    const { source, durablePulls, refuse } = this.#options;
    const atMs = this.#clock.now();
    const timestamp = new Date(atMs).toISOString();
    const event = { id: this.#newId(), timestamp, action, target, request, actor, source };
    this.#rows.push({ event: JSON.stringify(event), atMs });
    const isRelaxed = action === "pull" && !durablePulls;
    if (!isRelaxed) {
      this.#isDurable = true;
      const written = this.#flush();
      return refuse && action !== "pull" ? written : written.catch(() => {});
    }
    if (this.#rows.length >= MAX_RELAXED) return this.#flush().catch(() => {});
    this.#cancelTimer ??= this.#timers.after(RELAXED_DELAY_MS, () => {
      this.#flush().catch(() => {});
    });
    return undefined;
  }

  /** Writes what has been gathered. */
  async close(): Promise<void> {
    await this.#flush().catch(() => {});
  }

  /** One batch is written at a time; all that comes meanwhile is the next one. */
  #flush(): Promise<void> {
    this.#gathering ??= this.#writing.then(() => this.#write());
    return this.#gathering;
  }

  #write(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#gathering = undefined;
    const rows = this.#rows;
    const isDurable = this.#isDurable;
    this.#rows = [];
    this.#isDurable = false;
    if (rows.length === 0) return Promise.resolve();
    const written = this.#options.commit(rows, isDurable);
    this.#writing = written.catch((error: unknown) => {
      this.#options.log.error("could not record events", {
        [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
        events: rows.length,
      });
    });
    return written;
  }
}
