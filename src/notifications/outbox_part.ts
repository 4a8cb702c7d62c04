/**
 * A part of the outbox: the events that one thread records, in a database of its own, so that
 * threads never wait for each other.
 *
 * An append is one transaction: when it returns, it outlives the program; when a
 * {@linkcode OutboxPart.sync} that began later has settled, also the machine. Several processes may
 * append to one part.
 *
 * @module
 */

import { OutboxError } from "./errors.ts";
import { SharedSync } from "./shared_sync.ts";
import { SqliteFile } from "./sqlite_file.ts";

/** An event that is to be recorded. */
export interface OutboxRow {
  /** Its number; see `event_numbers.ts`. */
  readonly sequence: number;
  /** The event as JSON. */
  readonly event: string;
  readonly atMs: number;
  /** Whether it tells of a pull: those make room for others. */
  readonly isPull: boolean;
  /** The only endpoint that it is for. @default it is for all */
  readonly endpoint?: string;
}

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

/** What became of events that were to be recorded. */
export interface Appended {
  /** How many pulls were left out, or removed to make room. */
  readonly droppedPulls: number;
}

/** Options of {@linkcode OutboxPart}. */
export interface OutboxPartOptions {
  /** Most bytes that events may take on disk. @default no limit */
  readonly maxBytes?: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL,
    event TEXT NOT NULL, at_ms INTEGER NOT NULL, is_pull INTEGER NOT NULL, endpoint TEXT
  );
`;

/** Of the room for events pulls may take so much; the rest is for pushes, mounts and deletes. */
const PULL_SHARE = 0.75;

/** How many events are removed at a time, so that nobody waits for long. */
const REMOVE_AT_ONCE = 500;

/** After so many events it is asked anew how much room they take. */
const MEASURE_EVERY = 100;

/** A part of the outbox. */
export class OutboxPart {
  readonly #file: SqliteFile;
  readonly #log: SharedSync;
  readonly #maxBytes: number;
  #roomBytes = 0;
  #unmeasured = MEASURE_EVERY;
  /** No pull is left up to this place. */
  #pullsRemovedTo = 0;

  /**
   * Opens the part, and makes it where there is none.
   * @throws {OutboxError} failed
   */
  constructor(path: string, { maxBytes = Infinity }: OutboxPartOptions = {}) {
    this.#maxBytes = maxBytes;
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
   * Records events. Where there is little room pulls are left out, then removed, so that there is
   * some for the others; of those all or none are recorded.
   *
   * @throws {OutboxError} full, failed
   */
  append(rows: readonly OutboxRow[]): Appended {
    const room = this.#room(rows.length);
    const kept = room > this.#maxBytes * (1 - PULL_SHARE)
      ? rows
      : rows.filter(({ isPull }) => !isPull);
    const leftOut = rows.length - kept.length;
    if (kept.length === 0) return { droppedPulls: leftOut };
    const removed = room > 0 ? 0 : this.#removePulls();
    if (room <= 0 && removed === 0) {
      throw new OutboxError("full", "Cannot record events: the outbox has reached its size");
    }
    const insert = this.#file.prepare(
      "INSERT INTO events (sequence, event, at_ms, is_pull, endpoint) VALUES (?, ?, ?, ?, ?)",
    );
    this.#file.write(kept, ({ sequence, event, atMs, isPull, endpoint = null }) => {
      insert.run(sequence, event, atMs, isPull ? 1 : 0, endpoint);
    });
    return { droppedPulls: leftOut + removed };
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
    const rows = this.#file.prepare(
      "SELECT id, sequence, event, at_ms AS atMs FROM events WHERE id > ? " +
        "AND (endpoint IS NULL OR endpoint = ?) ORDER BY id LIMIT ?",
    ).iterate(after, endpoint, limit);
    const entries: OutboxEntry[] = [];
    let characters = 0;
    for (const row of rows) {
      const entry = row as unknown as OutboxEntry;
      if (entry.sequence > upTo) break;
      entries.push(entry);
      characters += entry.event.length;
      if (characters >= maxCharacters) break;
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

  /** Ends it. */
  close(): void {
    this.#log.close();
    this.#file.close();
  }

  #room(events: number): number {
    if (this.#maxBytes === Infinity) return Infinity;
    this.#unmeasured += events;
    if (this.#unmeasured >= MEASURE_EVERY || this.#roomBytes <= 0) {
      this.#roomBytes = this.#maxBytes - this.#file.sizeBytes;
      this.#unmeasured = 0;
    }
    return this.#roomBytes;
  }

  /** Removes the oldest pulls; gives how many. What is before them is not looked at again. */
  #removePulls(): number {
    const { lastId } = this;
    let removed = 0;
    while (removed === 0 && this.#pullsRemovedTo < lastId - 1) {
      const first = this.#file.number(
        "SELECT min(id) FROM events WHERE id > ?",
        this.#pullsRemovedTo,
      );
      const end = Math.min(first + REMOVE_AT_ONCE, lastId - 1);
      this.#file.write([end], () => {
        const { changes } = this.#file.prepare(
          "DELETE FROM events WHERE id > ? AND id <= ? AND is_pull = 1",
        ).run(this.#pullsRemovedTo, end);
        removed = Number(changes);
      });
      this.#pullsRemovedTo = end;
    }
    return removed;
  }
}
