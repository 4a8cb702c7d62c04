import type { EventNumbers } from "./event_numbers.ts";
import type { OutboxBook, Positions } from "./outbox_book.ts";
import { listParts, partPath } from "./outbox_files.ts";
import { type OutboxEntry, OutboxPart } from "./outbox_part.ts";

/** An event with the part in which it is. */
export interface PartEntry extends OutboxEntry {
  readonly part: string;
}

/** How an endpoint stands. */
export interface Backlog {
  /** Events to come, counted to a limit. */
  readonly pending: number;
  /** When the oldest of them was recorded; `undefined` without one. */
  readonly oldestMs: number | undefined;
}

/** So many events of a part are counted one by one. */
const COUNT_LIMIT = 100_000;

/** All parts of an outbox together, as whoever sends their events has them. */
export class OutboxParts {
  readonly #path: string;
  readonly #book: OutboxBook;
  readonly #parts = new Map<string, OutboxPart>();

  /** @param path file of the book */
  constructor(path: string, book: OutboxBook) {
    this.#path = path;
    this.#book = book;
  }

  /** Looks for parts that have come. */
  discover(): void {
    for (const name of listParts(this.#path)) {
      if (!this.#parts.has(name)) {
        this.#parts.set(name, new OutboxPart(partPath(this.#path, name)));
      }
    }
  }

  /** Bytes that all events take. */
  get sizeBytes(): number {
    return this.#sum((part) => part.sizeBytes);
  }

  /** The highest number of all events; 0 without any. */
  get lastSequence(): number {
    return Math.max(0, ...[...this.#parts.values()].map(({ lastSequence }) => lastSequence));
  }

  /** Where all parts end. */
  get ends(): Positions {
    return Object.fromEntries([...this.#parts].map(([name, { lastId }]) => [name, lastId]));
  }

  /**
   * The next events of an endpoint in their order.
   *
   * @param options.positions how far it is, where that is not what the book says
   * @param options.limit how many are read of each part
   */
  read(endpoint: string, { positions, numbers, limit, maxCharacters }: {
    readonly positions: Positions;
    readonly numbers: EventNumbers;
    readonly limit: number;
    readonly maxCharacters: number;
  }): PartEntry[] {
    // Read before the parts are: what one of them gets meanwhile may come before what another has.
    let upTo = numbers.given();
    const entries: PartEntry[] = [];
    for (const [name, part] of this.#parts) {
      const after = positions[name] ?? this.#book.position(endpoint, name);
      const found = part.read({ endpoint, after, upTo, limit, maxCharacters });
      for (const entry of found) entries.push({ ...entry, part: name });
      const characters = found.reduce((sum, { event }) => sum + event.length, 0);
      const isAll = found.length < limit && characters < maxCharacters;
      // What the part has beyond that may come before what others have.
      if (!isAll) upTo = Math.min(upTo, found.at(-1)?.sequence ?? upTo);
    }
    return entries.filter(({ sequence }) => sequence <= upTo)
      .sort((a, b) => a.sequence - b.sequence);
  }

  /** What an endpoint has still to get. */
  backlog(endpoint: string): Backlog {
    let pending = 0;
    let oldestMs: number | undefined;
    for (const [name, part] of this.#parts) {
      const after = this.#book.position(endpoint, name);
      const waiting = part.waiting({ endpoint, after, limit: COUNT_LIMIT });
      pending += waiting.count;
      oldestMs = Math.min(oldestMs ?? Infinity, waiting.oldestMs ?? Infinity);
    }
    return { pending, oldestMs: oldestMs === Infinity ? undefined : oldestMs };
  }

  /** Forgets some of the events that every endpoint has; gives whether there may be more. */
  prune(): boolean {
    let isMore = false;
    for (const [name, part] of this.#parts) {
      isMore = part.forget(this.#book.passed(name)) || isMore;
    }
    return isMore;
  }

  /** Moves what is in the logs of all parts into their databases. */
  settle(): void {
    for (const part of this.#parts.values()) part.settle();
  }

  /** Ends it. */
  close(): void {
    for (const part of this.#parts.values()) part.close();
    this.#parts.clear();
  }

  #sum(figure: (part: OutboxPart) => number): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + figure(part), 0);
  }
}
