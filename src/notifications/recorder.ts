import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { EventAction, EventRecorder, EventSource, OperationEvent } from "./event.ts";
import type { EventNumbers } from "./event_numbers.ts";
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
  /** Makes an id. @default a UUID */
  readonly newId?: () => string;
}

/** What a recorded event has to wait for: nothing. */
const RECORDED = Promise.resolve();

/** Records the events of one thread, each before the request is answered that caused it. */
export class Recorder implements EventRecorder {
  readonly includeReferences: boolean;
  readonly wants: (action: EventAction, repository: string) => boolean;
  readonly #options: RecorderOptions;
  readonly #clock: Clock;
  readonly #newId: () => string;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.includeReferences = options.includeReferences;
    this.wants = options.wants;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  record({ action, target, request, actor }: OperationEvent): Promise<void> {
    const { source, durablePulls, refuse, numbers, writer } = this.#options;
    const atMs = this.#clock.now();
    const timestamp = new Date(atMs).toISOString();
    const event = { id: this.#newId(), timestamp, action, target, request, actor, source };
    const isPull = action === "pull";
    const mayFail = refuse && !isPull;
    try {
      writer.append({ sequence: numbers.next(), event: JSON.stringify(event), atMs, isPull });
    } catch (error) {
      // The writer has told the log why.
      return mayFail ? Promise.reject(error) : RECORDED;
    }
    if (isPull && !durablePulls) return RECORDED;
    return mayFail ? writer.sync() : writer.sync().catch(() => {});
  }

  /** Ends it. */
  async close(): Promise<void> {
    await this.#options.writer.close();
  }
}
