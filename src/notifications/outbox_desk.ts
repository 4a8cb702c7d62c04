import { EventNumbers } from "./event_numbers.ts";
import { type DeadLetter, OutboxBook } from "./outbox_book.ts";
import { partPath, REPLAY_PART } from "./outbox_files.ts";
import { OutboxPart } from "./outbox_part.ts";
import { type Backlog, OutboxParts } from "./outbox_parts.ts";

/** An outbox as a person has it, who looks into it and says what becomes of dead letters. */
export class OutboxDesk {
  readonly #path: string;
  readonly #book: OutboxBook;
  readonly #parts: OutboxParts;

  /** @throws {OutboxError} failed */
  constructor(path: string) {
    this.#path = path;
    this.#book = new OutboxBook(path);
    this.#parts = new OutboxParts(path, this.#book);
    this.#parts.discover();
  }

  /** How each endpoint stands. */
  backlogs(): readonly (Backlog & { readonly endpoint: string })[] {
    return this.#book.endpoints()
      .map((endpoint) => ({ endpoint, ...this.#parts.backlog(endpoint) }));
  }

  /** The events that endpoints would not take, oldest first. */
  deadLetters(): readonly DeadLetter[] {
    return this.#book.deadLetters();
  }

  /** Puts all dead letters at the end of their endpoints' events; gives how many. */
  async replay(): Promise<number> {
    const letters = this.#book.deadLetters();
    const last = letters.at(-1);
    if (last === undefined) return 0;
    const numbers = new EventNumbers();
    numbers.begin(this.#parts.lastNumber);
    const part = new OutboxPart(partPath(this.#path, REPLAY_PART));
    try {
      const atMs = Date.now();
      part.append(letters.map(({ event, endpoint }) => (
        { sequence: numbers.next(), event, atMs, isPull: false, endpoint }
      )));
      // They are in one place or in both, whatever happens.
      await part.sync();
    } finally {
      part.close();
    }
    return this.#book.dropDeadLetters(last.id);
  }

  /** Forgets all dead letters; gives how many. */
  drop(): number {
    return this.#book.dropDeadLetters(this.#book.deadLetters().at(-1)?.id ?? 0);
  }

  /** Ends it. */
  close(): void {
    this.#parts.close();
    this.#book.close();
  }
}
