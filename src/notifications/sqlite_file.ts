import { DatabaseSync } from "node:sqlite";
import { OutboxError } from "./errors.ts";

/** A value that is bound to a statement. */
export type SqlValue = string | number;

type Statement = ReturnType<DatabaseSync["prepare"]>;

/** How long another process may hold the file, in milliseconds. */
const BUSY_TIMEOUT_MS = 10_000;

/**
 * Pages of the log after which a commit moves them into the database, if {@linkcode SqliteFile.settle}
 * does not: that takes syncs, and whoever commits would wait for them.
 */
const LOG_PAGES = 8000;

/** How much of its size the log keeps when it is empty, in bytes. */
const LOG_BYTES = 16 * 1024 ** 2;

/**
 * A database of the outbox, with a write-ahead log: what was written outlives the program at once,
 * and the machine once the log was brought to the disk. Its calls are synchronous, so two never mix.
 */
export class SqliteFile {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, Statement>();

  /**
   * Opens the file, and makes it where there is none.
   * @throws {OutboxError} failed
   */
  constructor(path: string, schema: string) {
    try {
      this.#database = new DatabaseSync(path);
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
      this.#database.exec("PRAGMA journal_mode = WAL");
      this.#database.exec(schema);
      this.#database.exec(
        `PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES}; ` +
          "PRAGMA synchronous = NORMAL",
      );
    } catch (cause) {
      throw new OutboxError("failed", `Cannot open the outbox "${path}": ${reasonOf(cause)}`, {
        cause,
      });
    }
  }

  /** Bytes that the content takes. */
  get sizeBytes(): number {
    const pages = this.number("PRAGMA page_count") - this.number("PRAGMA freelist_count");
    return pages * this.number("PRAGMA page_size");
  }

  /** A statement, which is kept for the next time. */
  prepare(sql: string): Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  /** The one number that a query gives; 0 without any. */
  number(sql: string, ...values: readonly SqlValue[]): number {
    return Number(Object.values(this.prepare(sql).get(...values) ?? {})[0] ?? 0);
  }

  /**
   * Makes a change for each of some values, all as one transaction.
   * @throws {OutboxError} failed
   */
  write<T>(values: readonly T[], change: (value: T) => void): void {
    this.transact(() => {
      for (const value of values) change(value);
    });
  }

  /**
   * Makes changes as one transaction; gives what they give.
   * @throws {OutboxError} failed
   */
  transact<T>(change: () => T): T {
    try {
      this.prepare("BEGIN IMMEDIATE").run();
      try {
        const result = change();
        this.prepare("COMMIT").run();
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    } catch (cause) {
      throw new OutboxError("failed", `Cannot write to the outbox: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Makes changes as one transaction that is on the disk when it returns; for what happens seldom. */
  writeDurably(change: () => void): void {
    this.#database.exec("PRAGMA synchronous = FULL");
    try {
      this.transact(change);
    } finally {
      // In WAL mode NORMAL leaves out the sync of a commit.
      this.#database.exec("PRAGMA synchronous = NORMAL");
    }
  }

  /** Moves what is in the log into the database, as far as nobody is held up by that. */
  settle(): void {
    this.#database.exec("PRAGMA wal_checkpoint(PASSIVE)");
  }

  /** Ends it. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #rollBack(): void {
    try {
      this.prepare("ROLLBACK").run();
    } catch {
      // Where the disk is full SQLite has done so by itself.
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
