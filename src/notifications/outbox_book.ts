/**
 * The book of the outbox: which endpoints there are, how far each is in every part, and what an
 * endpoint would not take. A part is known by the end of its file's name (`outbox_files.ts`).
 *
 * An endpoint's position in a part is the place of the last event that it has, so that a crash
 * repeats events but skips none.
 *
 * @module
 */

import { SqliteFile } from "./sqlite_file.ts";

/** How far an endpoint is in each part. */
export type Positions = Readonly<Record<string, number>>;

/** An event that an endpoint would not take. */
export interface DeadLetter {
  readonly id: number;
  readonly endpoint: string;
  readonly event: string;
  readonly reason: string;
  readonly tries: number;
  readonly atMs: number;
}

/** Why an endpoint is not sent events any more. */
export type Death = Pick<DeadLetter, "reason" | "tries" | "atMs">;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS endpoints (name TEXT PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS positions (
    endpoint TEXT NOT NULL, part TEXT NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (endpoint, part)
  );
  CREATE TABLE IF NOT EXISTS dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT, endpoint TEXT NOT NULL, event TEXT NOT NULL,
    reason TEXT NOT NULL, tries INTEGER NOT NULL, at_ms INTEGER NOT NULL
  );
`;

/** So many dead letters go at a time where there are too many. */
const TRIM_AT_ONCE = 100;

/** The book of the outbox. */
export class OutboxBook {
  readonly #file: SqliteFile;

  /**
   * Opens the book, and makes it where there is none.
   * @throws {OutboxError} failed
   */
  constructor(path: string) {
    this.#file = new SqliteFile(path, SCHEMA);
  }

  /** Bytes that it takes, dead letters above all. */
  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  /** Makes these the endpoints; one that is new begins behind the given positions. */
  setEndpoints(names: readonly string[], begin: Positions): void {
    this.#file.writeDurably(() => {
      const insert = this.#file.prepare("INSERT OR IGNORE INTO endpoints VALUES (?)");
      for (const name of names) {
        if (Number(insert.run(name).changes) > 0) this.#setPositions(name, begin);
      }
      const others = `NOT IN (${names.map(() => "?").join(", ")})`;
      this.#file.prepare(`DELETE FROM endpoints WHERE name ${others}`).run(...names);
      this.#file.prepare(`DELETE FROM positions WHERE endpoint ${others}`).run(...names);
    });
  }

  /** Names of the endpoints. */
  endpoints(): string[] {
    return this.#file.prepare("SELECT name FROM endpoints ORDER BY name").all()
      .map(({ name }) => String(name));
  }

  /** How far an endpoint is in a part. */
  position(endpoint: string, part: string): number {
    return this.#file.number(
      "SELECT position FROM positions WHERE endpoint = ? AND part = ?",
      endpoint,
      part,
    );
  }

  /** Makes sure that no endpoint is farther in a part than this. */
  limitPositions(ends: Positions): void {
    const limit = this.#file.prepare(
      "UPDATE positions SET position = ? WHERE part = ? AND position > ?",
    );
    this.#file.write(Object.entries(ends), ([part, end]) => {
      limit.run(end, part, end);
    });
  }

  /** Up to which place all endpoints have the events of a part. */
  passed(part: string): number {
    return Math.min(...this.endpoints().map((endpoint) => this.position(endpoint, part)));
  }

  /** Notes how far an endpoint is. After a crash it may get some events again. */
  advance(endpoint: string, positions: Positions): void {
    const set = this.#setting();
    this.#file.write(Object.entries(positions), ([part, position]) => {
      set.run(endpoint, part, position);
    });
  }

  /** Notes that an endpoint would not take events, and how far it is with them. */
  bury(
    endpoint: string,
    { events, positions, death }: {
      readonly events: readonly string[];
      readonly positions: Positions;
      readonly death: Death;
    },
  ): void {
    this.#file.writeDurably(() => {
      const insert = this.#file.prepare(
        "INSERT INTO dead_letters (endpoint, event, reason, tries, at_ms) VALUES (?, ?, ?, ?, ?)",
      );
      const { reason, tries, atMs } = death;
      for (const event of events) insert.run(endpoint, event, reason, tries, atMs);
      this.#setPositions(endpoint, positions);
    });
  }

  /** The events that endpoints would not take, oldest first. */
  deadLetters(): DeadLetter[] {
    const rows = this.#file.prepare(
      "SELECT id, endpoint, event, reason, tries, at_ms AS atMs FROM dead_letters ORDER BY id",
    ).all();
    return rows as unknown as DeadLetter[];
  }

  /** Forgets the oldest dead letters where they take more than so many bytes; gives how many. */
  trimDeadLetters(maxBytes: number): number {
    let count = 0;
    while (this.sizeBytes > maxBytes) {
      const first = this.#file.number("SELECT min(id) FROM dead_letters");
      const dropped = this.dropDeadLetters(first + TRIM_AT_ONCE - 1);
      if (dropped === 0) break;
      count += dropped;
    }
    return count;
  }

  /** Forgets dead letters up to an id; gives how many. */
  dropDeadLetters(upTo: number): number {
    let count = 0;
    this.#file.writeDurably(() => {
      const { changes } = this.#file.prepare("DELETE FROM dead_letters WHERE id <= ?").run(upTo);
      count = Number(changes);
    });
    return count;
  }

  /** Ends it. */
  close(): void {
    this.#file.close();
  }

  #setPositions(endpoint: string, positions: Positions): void {
    const set = this.#setting();
    for (const [part, position] of Object.entries(positions)) set.run(endpoint, part, position);
  }

  #setting(): ReturnType<SqliteFile["prepare"]> {
    return this.#file.prepare("INSERT OR REPLACE INTO positions VALUES (?, ?, ?)");
  }
}
