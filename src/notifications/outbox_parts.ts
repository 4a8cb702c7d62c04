import type { EventNumbers } from "./event_numbers.ts";
import type { OutboxBook, Positions } from "./outbox_book.ts";
import { type JournalDamage, JournalTaker } from "./journal_taker.ts";
import { listJournals, listParts, partPath } from "./outbox_files.ts";
import { type OutboxEntry, OutboxPart } from "./outbox_part.ts";
import { countJournal } from "./read_journal.ts";

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

/** Options of {@linkcode OutboxParts}. */
export interface OutboxPartsOptions {
  /**
   * Since this number no other process has written a journal: what has a lower one is ended, and
   * journals may be removed.
   * @default others may write some, and none is removed
   */
  readonly ownedSince?: number;
  readonly onDamage?: (damage: JournalDamage) => void;
}

/** So many events of a part are counted one by one. */
const COUNT_LIMIT = 100_000;

/** So many journals are removed at a time: all share one wait for the disk. */
const SEVERAL = 4;

/** All parts of an outbox together, as whoever sends their events has them. */
export class OutboxParts {
  readonly #path: string;
  readonly #book: OutboxBook;
  readonly #parts = new Map<string, OutboxPart>();
  readonly #taker: JournalTaker;
  #ownedSince: number;

  /** @param path file of the book */
  constructor(path: string, book: OutboxBook, options: OutboxPartsOptions = {}) {
    this.#path = path;
    this.#book = book;
    this.#ownedSince = options.ownedSince ?? 0;
    this.#taker = new JournalTaker(path, {
      part: (name) => this.#part(name),
      onDamage: options.onDamage,
    });
  }

  /** Tells that this process alone writes journals: see {@linkcode OutboxPartsOptions}. */
  own(since: number): void {
    this.#ownedSince = since;
  }

  /** Looks for parts that have come. */
  discover(): void {
    for (const name of listParts(this.#path)) this.#part(name);
  }

  /**
   * Takes over some of what is in journals; gives the number up to which that was all, `Infinity`
   * where nothing is left.
   *
   * @throws {OutboxError} failed
   */
  takeOver(): number {
    return this.#taker.take(this.#ownedSince);
  }

  /** Bytes that all events take. */
  get sizeBytes(): number {
    const journals = listJournals(this.#path).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return journals + this.#sum((part) => part.sizeBytes);
  }

  /** The highest number of all events and journals; 0 without any. */
  get lastNumber(): number {
    const journals = listJournals(this.#path).map(({ number }) => number);
    const events = [...this.#parts.values()].map(({ lastSequence }) => lastSequence);
    return Math.max(0, ...journals, ...events);
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
    const given = numbers.given();
    // A part that has come meanwhile may have what comes before all others.
    this.discover();
    let upTo = Math.min(given, this.takeOver());
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
    // Before the parts: what is taken over meanwhile is counted twice rather than not at all.
    for (const { part, path, number, sizeBytes } of listJournals(this.#path)) {
      const from = this.#part(part).journalPosition(number);
      const waiting = countJournal(path, { from, sizeBytes, limit: COUNT_LIMIT });
      pending += waiting.count;
      oldestMs = Math.min(oldestMs ?? Infinity, waiting.oldestMs ?? Infinity);
    }
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

  /**
   * Takes over some of what is in journals, and removes journals that are not needed any more where
   * there are several; gives whether there may be more.
   *
   * @param options.isThorough removes each, and moves what is in the logs of all parts into their
   * databases: both wait for the disk
   * @throws {OutboxError} failed
   */
  async settle({ isThorough }: { readonly isThorough: boolean }): Promise<boolean> {
    const isMore = this.takeOver() < Infinity;
    const isOwner = this.#ownedSince > 0;
    if (isOwner && this.#taker.taken >= (isThorough ? 1 : SEVERAL)) await this.#taker.removeTaken();
    if (isThorough) { for (const part of this.#parts.values()) part.settle(); }
    return isMore;
  }

  /** Ends it. */
  close(): void {
    for (const part of this.#parts.values()) part.close();
    this.#parts.clear();
  }

  #part(name: string): OutboxPart {
    const known = this.#parts.get(name);
    if (known !== undefined) return known;
    const part = new OutboxPart(partPath(this.#path, name));
    this.#parts.set(name, part);
    return part;
  }

  #sum(figure: (part: OutboxPart) => number): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + figure(part), 0);
  }
}
