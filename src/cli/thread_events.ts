import { OutboxError, type OutboxErrorCode } from "../notifications/errors.ts";
import type { OutboxRow } from "../notifications/outbox.ts";
import type { CommitEvents } from "../notifications/recorder.ts";

/** Events of a thread for the outbox, which only the main thread writes to. */
export interface EventsMessage {
  readonly kind: "events";
  readonly id: number;
  readonly rows: readonly OutboxRow[];
  readonly durable: boolean;
}

/** The main thread's answer to {@linkcode EventsMessage}. */
export interface RecordedMessage {
  readonly kind: "recorded";
  readonly id: number;
  /** Why they are not. */
  readonly error?: { readonly code: OutboxErrorCode; readonly message: string };
}

/** Writes a thread's events; what the thread is told. */
export function commitMessage(
  { id, rows, durable }: EventsMessage,
  commit: (rows: readonly OutboxRow[], durable: boolean) => void,
): RecordedMessage {
  try {
    commit(rows, durable);
    return { kind: "recorded", id };
  } catch (error) {
    const code = error instanceof OutboxError ? error.code : "failed";
    const message = error instanceof Error ? error.message : String(error);
    return { kind: "recorded", id, error: { code, message } };
  }
}

/** The outbox as a serving thread has it: by way of the main thread. */
export class ThreadEvents {
  readonly #send: (message: EventsMessage) => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  #lastId = 0;

  constructor(send: (message: EventsMessage) => void) {
    this.#send = send;
  }

  readonly commit: CommitEvents = (rows, durable) => {
    const id = ++this.#lastId;
    const waiting = Promise.withResolvers<void>();
    this.#waiting.set(id, waiting);
    this.#send({ kind: "events", id, rows, durable });
    return waiting.promise;
  };

  /** Hears the main thread's answer. */
  recorded({ id, error }: RecordedMessage): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve();
    else waiting?.reject(new OutboxError(error.code, error.message));
  }
}
