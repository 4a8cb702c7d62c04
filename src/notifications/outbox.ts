/**
 * The outbox: events on disk until every endpoint has them, and those that an endpoint would not
 * take.
 *
 * One SQLite file with a write-ahead log. An append is one transaction; a durable one is on disk
 * when it returns. Events are numbered in the order of their appends, and an endpoint's position is
 * the number of the last event it has, so that a crash repeats events but skips none. Several
 * processes may append to one file; one of them delivers (`deliveries.ts`).
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";
import { OutboxError } from "./errors.ts";

/** An event that is to be recorded. */
export interface OutboxRow {
  /** The event as JSON. */
  readonly event: string;
  readonly atMs: number;
}

/** An event that was recorded. */
export interface OutboxEntry extends OutboxRow {
  /** Its number, which only goes up. */
  readonly sequence: number;
}

/** An event that an endpoint would not take. */
export interface DeadLetter {
  readonly id: number;
  readonly endpoint: string;
  readonly event: string;
  readonly reason: string;
  readonly tries: number;
  readonly atMs: number;
}

/** How the outbox stands for an endpoint. */
export interface Backlog {
  /** Events to come. */
  readonly pending: number;
  /** When the oldest of them was recorded; `undefined` without one. */
  readonly oldestMs: number | undefined;
}

/** Options of {@linkcode Outbox}. */
export interface OutboxOptions {
  /** Most bytes that events may take on disk. @default no limit */
  readonly maxBytes?: number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL, at_ms INTEGER NOT NULL, endpoint TEXT
  );
  CREATE TABLE IF NOT EXISTS endpoints (name TEXT PRIMARY KEY, position INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, event TEXT NOT NULL,
    reason TEXT NOT NULL, tries INTEGER NOT NULL, at_ms INTEGER NOT NULL
  );
`;

/** How long another process may hold the file, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/** Events in SQLite. Its calls are synchronous, so two never mix. */
export class Outbox {
  readonly #database: DatabaseSync;
  readonly #maxBytes: number;
  readonly #statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();

  /**
   * Opens the outbox, and makes it where there is none.
   *
   * @param path file of the database, or `:memory:`
   * @throws {OutboxError} failed
   */
  constructor(path: string, { maxBytes = Infinity }: OutboxOptions = {}) {
    this.#maxBytes = maxBytes;
    try {
      this.#database = new DatabaseSync(path);
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      this.#database.exec(SCHEMA);
    } catch (cause) {
      throw new OutboxError("failed", `Cannot open the outbox "${path}": ${reasonOf(cause)}`, {
        cause,
      });
    }
  }

  /** Bytes that events take. */
  get sizeBytes(): number {
    const pages = this.#number("PRAGMA page_count") - this.#number("PRAGMA freelist_count");
    return pages * this.#number("PRAGMA page_size");
  }

  /**
   * Records events in their order, all or none.
   *
   * @param options.durable whether they are on disk when this returns, even if the power fails
   * @throws {OutboxError} full, failed
   */
  append(rows: readonly OutboxRow[], { durable }: { readonly durable: boolean }): void {
    if (this.#maxBytes !== Infinity && this.sizeBytes >= this.#maxBytes) {
      throw new OutboxError("full", "Cannot record events: the outbox has reached its size");
    }
    this.#write(durable, () => {
      const insert = this.#prepare("INSERT INTO events (event, at_ms) VALUES (?, ?)");
      for (const { event, atMs } of rows) insert.run(event, atMs);
    });
  }

  /** Makes these the endpoints; one that is new begins with the next event. */
  setEndpoints(names: readonly string[]): void {
    this.#write(true, () => {
      const insert = this.#prepare(
        "INSERT OR IGNORE INTO endpoints VALUES (?, (SELECT coalesce(max(seq), 0) " +
          "FROM sqlite_sequence WHERE name = 'events'))",
      );
      for (const name of names) insert.run(name);
      const places = names.map(() => "?").join(", ");
      this.#prepare(`DELETE FROM endpoints WHERE name NOT IN (${places})`).run(...names);
    });
  }

  /** The next events of an endpoint. */
  read(endpoint: string, limit: number): OutboxEntry[] {
    const rows = this.#prepare(
      "SELECT sequence, event, at_ms AS atMs FROM events WHERE sequence > " +
        "(SELECT position FROM endpoints WHERE name = ?) AND (endpoint IS NULL OR endpoint = ?) " +
        "ORDER BY sequence LIMIT ?",
    ).all(endpoint, endpoint, limit);
    return rows as unknown as OutboxEntry[];
  }

  /** Notes that an endpoint has all events up to this one. After a crash it may get some again. */
  advance(endpoint: string, sequence: number): void {
    this.#write(false, () => {
      this.#prepare("UPDATE endpoints SET position = ? WHERE name = ?").run(sequence, endpoint);
    });
  }

  /** Notes that an endpoint would not take an event, and goes on to the next. */
  bury(
    endpoint: string,
    { sequence, event }: OutboxEntry,
    death: { readonly reason: string; readonly tries: number; readonly atMs: number },
  ): void {
    this.#write(true, () => {
      this.#prepare(
        "INSERT INTO dead_letters (endpoint, event, reason, tries, at_ms) VALUES (?, ?, ?, ?, ?)",
      ).run(endpoint, event, death.reason, death.tries, death.atMs);
      this.#prepare("UPDATE endpoints SET position = ? WHERE name = ?").run(sequence, endpoint);
    });
  }

  /** Forgets events that every endpoint has. */
  prune(): void {
    this.#write(false, () => {
      this.#prepare(
        "DELETE FROM events WHERE sequence <= (SELECT min(position) FROM endpoints)",
      ).run();
    });
  }

  /** What an endpoint has still to get. */
  backlog(endpoint: string): Backlog {
    const row = this.#prepare(
      "SELECT count(*) AS pending, min(at_ms) AS oldest FROM events WHERE sequence > " +
        "(SELECT position FROM endpoints WHERE name = ?) AND (endpoint IS NULL OR endpoint = ?)",
    ).get(endpoint, endpoint);
    const oldest = row?.oldest;
    return {
      pending: Number(row?.pending ?? 0),
      oldestMs: typeof oldest === "number" ? oldest : undefined,
    };
  }

  /** Names of the endpoints. */
  endpoints(): string[] {
    return this.#prepare("SELECT name FROM endpoints ORDER BY name").all()
      .map(({ name }) => String(name));
  }

  /** The events that endpoints would not take, oldest first. */
  deadLetters(): DeadLetter[] {
    const rows = this.#prepare(
      "SELECT id, endpoint, event, reason, tries, at_ms AS atMs FROM dead_letters ORDER BY id",
    ).all();
    return rows as unknown as DeadLetter[];
  }

  /** Puts all dead letters at the end of their endpoints' events; gives how many. */
  replay(): number {
    let count = 0;
    this.#write(true, () => {
      const { changes } = this.#prepare(
        "INSERT INTO events (event, at_ms, endpoint) " +
          "SELECT event, unixepoch() * 1000, endpoint FROM dead_letters ORDER BY id",
      ).run();
      count = Number(changes);
      this.#prepare("DELETE FROM dead_letters").run();
    });
    return count;
  }

  /** Forgets all dead letters; gives how many. */
  drop(): number {
    let count = 0;
    this.#write(true, () => {
      count = Number(this.#prepare("DELETE FROM dead_letters").run().changes);
    });
    return count;
  }

  /** Ends it. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #write(durable: boolean, change: () => void): void {
    const database = this.#database;
    try {
      // In WAL mode NORMAL leaves out the fsync of a commit; a later FULL one covers it as well.
      database.exec(`PRAGMA synchronous = ${durable ? "FULL" : "NORMAL"}`);
      database.exec("BEGIN IMMEDIATE");
      try {
        change();
        database.exec("COMMIT");
      } catch (error) {
        database.exec("ROLLBACK");
        throw error;
      }
    } catch (cause) {
      const message = `Cannot write to the outbox: ${reasonOf(cause)}`;
      throw new OutboxError("failed", message, { cause });
    }
  }

  #number(sql: string): number {
    return Number(Object.values(this.#prepare(sql).get() ?? {})[0] ?? 0);
  }

  #prepare(sql: string): ReturnType<DatabaseSync["prepare"]> {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
