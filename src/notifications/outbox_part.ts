/**
 * A part of the outbox: the events that one thread records, in a database of its own, so that
 * threads never wait for each other. They come to it from the thread's journals (`journal.ts`), or
 * without that way where another process sends the events of the outbox.
 *
 * An append is one transaction: when it returns, it outlives the program; when a
 * {@linkcode OutboxPart.sync} that began later has settled, also the machine. Several processes may
 * append to one part, and several may take over one journal: each of its events gets here once.
 *
 * @module
 */

import { OutboxError } from "./errors.ts";
import type { OutboxRow } from "./outbox_row.ts";
import { SharedSync } from "./shared_sync.ts";
import { SqliteFile } from "./sqlite_file.ts";

/** An event that was recorded. */
export interface OutboxEntry extends Pick<OutboxRow, "sequence" | "event" | "atMs"> {
  /** Its place in the part: the later it was recorded, the higher. */
  readonly id: number;
}

/** Which events are read. */
export interface ReadOptions {
  readonly endpoint: string;
  /** The place of the last event that is not wanted. */
  readonly after: number;
  /** The highest number that is wanted. */
  readonly upTo: number;
  readonly limit: number;
  /** No more is read once so many characters have been. */
  readonly maxCharacters: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,
    event TEXT NOT NULL, at_ms INTEGER NOT NULL, is_pull INTEGER NOT NULL, endpoint TEXT
  );
  CREATE TABLE IF NOT EXISTS journals (number INTEGER PRIMARY KEY, position INTEGER NOT NULL);
`;

/** How many events are removed at a time, so that nobody waits for long. */
const REMOVE_AT_ONCE = 500;

/** A part of the outbox. */
export class OutboxPart {
  readonly #file: SqliteFile;
  readonly #log: SharedSync;
  /** No pull is left up to this place. */
  #pullsRemovedTo = 0;

  /**
   * Opens the part, and makes it where there is none.
   * @throws {OutboxError} failed
   */
  constructor(path: string) {
    this.#file = new SqliteFile(path, SCHEMA);
    this.#log = SharedSync.open(`${path}-wal`);
  }

  /** Bytes that events take. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** The number of the last event; 0 without any. */
  get lastSequence(): number {
    return this.#file.number("SELECT sequence FROM events ORDER BY id DESC LIMIT 1");
  }

  /** The place of the last event; 0 without any. */
  get lastId(): number {
    return this.#file.number("SELECT max(id) FROM events");
  }

  /**
   * Records events, all or none.
   * @throws {OutboxError} failed
   */
  append(rows: readonly OutboxRow[]): void {
    this.#file.transact(() => this.#insert(rows));
  }

  /** Up to which byte the events of a journal are here. */
  journalPosition(number: number): number {
    return this.#file.number("SELECT position FROM journals WHERE number = ?", number);
  }

  /**
   * Records the events of a journal that are between two of its bytes; gives whether that was still
   * to be done.
   *
   * @throws {OutboxError} failed
   */
  takeOver(
    rows: readonly OutboxRow[],
    { number, from, to }: { readonly number: number; readonly from: number; readonly to: number },
  ): boolean {
    return this.#file.transact(() => {
      if (this.journalPosition(number) !== from) return false;
      this.#insert(rows);
      this.#file.prepare("INSERT OR REPLACE INTO journals VALUES (?, ?)").run(number, to);
      return true;
    });
  }

  /** Forgets how far it is in journals up to a number, which are gone. */
  forgetJournals(upTo: number): void {
    this.#file.prepare("DELETE FROM journals WHERE number <= ?").run(upTo);
  }

  /**
   * Waits until all that was written before is on the disk. Whoever waits at the same time shares
   * one wait for it, and nobody else is held up.
   *
   * @throws {OutboxError} failed
   */
  async sync(): Promise<void> {
    try {
      await this.#log.sync();
    } catch (cause) {
      throw new OutboxError("failed", "Cannot bring events to the disk", { cause });
    }
  }

  /** The next events of an endpoint; the first however long it is. */
  read({ endpoint, after, upTo, limit, maxCharacters }: ReadOptions): OutboxEntry[] {
    // One by one: how many fit is known when they are there, and older runtimes iterate but once.
    const next = this.#file.prepare(
      "SELECT id, sequence, event, at_ms AS atMs FROM events WHERE id > ? " +
        "AND (endpoint IS NULL OR endpoint = ?) ORDER BY id LIMIT 1",
    );
    const entries: OutboxEntry[] = [];
    let characters = 0;
    let id = after;
    let sequence = 0;
    while (entries.length < limit && characters < maxCharacters) {
      const entry = next.get(id, endpoint) as unknown as OutboxEntry | undefined;
      if (entry === undefined) break;
      // Processes that share the part may have recorded in another order than they were numbered:
      // none may come before one that has a lower place, or a position would pass over that.
      sequence = Math.max(sequence, entry.sequence);
      if (sequence > upTo) break;
      entries.push({ ...entry, sequence });
      characters += entry.event.length;
      ({ id } = entry);
    }
    return entries;
  }

  /** How many events an endpoint has still to get, counted to a limit, and when the oldest was recorded. */
  waiting(
    { endpoint, after, limit }: Pick<ReadOptions, "endpoint" | "after" | "limit">,
  ): { readonly count: number; readonly oldestMs: number | undefined } {
    const row = this.#file.prepare(
      "SELECT count(*) AS count, min(at_ms) AS oldestMs FROM (SELECT at_ms FROM events " +
        "WHERE id > ? AND (endpoint IS NULL OR endpoint = ?) ORDER BY id LIMIT ?)",
    ).get(after, endpoint, limit);
    const oldestMs = row?.oldestMs;
    return {
      count: Number(row?.count ?? 0),
      oldestMs: typeof oldestMs === "number" ? oldestMs : undefined,
    };
  }

  /**
   * Forgets some of the events up to a place; gives whether there may be more of them. The last one
   * stays, so that all that come have higher places.
   */
  forget(upTo: number): boolean {
    const first = this.#file.number("SELECT min(id) FROM events");
    const { lastId } = this;
    if (first > upTo || first === lastId) return false;
    const end = Math.min(upTo, lastId - 1, first + REMOVE_AT_ONCE);
    this.#file.write([end], () => {
      this.#file.prepare("DELETE FROM events WHERE id <= ?").run(end);
    });
    return end < Math.min(upTo, lastId - 1);
  }

  /** Moves what is in the log into the database, as far as nobody is held up by that. */
  settle(): void {
    this.#file.settle();
  }

  /** Removes the oldest pulls; gives how many. What is before them is not looked at again. */
  removePulls(): number {
    const { lastId } = this;
    let removed = 0;
    while (removed === 0 && this.#pullsRemovedTo < lastId - 1) {
      const first = this.#file.number(
        "SELECT min(id) FROM events WHERE id > ?",
        this.#pullsRemovedTo,
      );
      const end = Math.min(first + REMOVE_AT_ONCE, lastId - 1);
      removed = this.#file.transact(() => {
        const { changes } = this.#file.prepare(
          "DELETE FROM events WHERE id > ? AND id <= ? AND is_pull = 1",
        ).run(this.#pullsRemovedTo, end);
        return Number(changes);
      });
      this.#pullsRemovedTo = end;
    }
    return removed;
  }

  /** Ends it. */
  close(): void {
    this.#log.close();
    this.#file.close();
  }

  #insert(rows: readonly OutboxRow[]): void {
    const insert = this.#file.prepare(
      "INSERT INTO events (sequence, event, at_ms, is_pull, endpoint) VALUES (?, ?, ?, ?, ?)",
    );
    for (const { sequence, event, atMs, isPull, endpoint = null } of rows) {
      insert.run(sequence, event, atMs, isPull ? 1 : 0, endpoint);
    }
  }
}
