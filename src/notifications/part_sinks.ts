/**
 * Where a thread's events go: to a database of its own, or to journals whose events get there later.
 *
 * An append that has returned outlives the program; when a sync that began later has settled, also
 * the machine.
 *
 * @module
 */

import { Journal } from "./journal.ts";
import { listJournals, partPath, sharedPart } from "./outbox_files.ts";
import { OutboxPart } from "./outbox_part.ts";
import type { LimitedPlace } from "./outbox_room.ts";
import type { OutboxRow } from "./outbox_row.ts";

/** Takes the events of a thread. */
export interface PartSink extends LimitedPlace {
  /** @throws {OutboxError} failed */
  append(rows: readonly OutboxRow[]): void;
  /** @throws {OutboxError} failed */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Options of {@linkcode createJournalSink}. */
export interface JournalSinkOptions {
  readonly part: string;
  /** Most bytes that events may take. */
  readonly maxBytes: number;
  /** Numbers journals; see `event_numbers.ts`. */
  readonly newNumber: () => number;
}

/** How long a journal may become, in bytes; and what share of all events it may be. */
const MAX_JOURNAL_BYTES = 1024 ** 2;
const MAX_JOURNAL_SHARE = 1 / 16;

/**
 * Puts the events of a thread into journals.
 *
 * @param path file of the outbox' book
 * @throws {OutboxError} failed
 */
export function createJournalSink(
  path: string,
  { part: name, maxBytes, newNumber }: JournalSinkOptions,
): PartSink {
  const part = new OutboxPart(partPath(path, name));
  const journal = new Journal(partPath(path, name), {
    maxBytes: Math.ceil(Math.min(MAX_JOURNAL_BYTES, maxBytes * MAX_JOURNAL_SHARE)),
    newNumber,
  });
  return {
    append: (rows) => journal.append(rows),
    sync: () => journal.sync(),
    get sizeBytes() {
      const journals = listJournals(path).filter((journal) => journal.part === name);
      return journals.reduce((sum, { sizeBytes }) => sum + sizeBytes, part.sizeBytes);
    },
    removePulls: () => part.removePulls(),
    async close() {
      await journal.close();
      part.close();
    },
  };
}

/**
 * Puts the events of a thread into a database, together with other processes.
 *
 * @param path file of the outbox' book
 * @throws {OutboxError} failed
 */
export function createSharedSink(path: string, name: string): PartSink {
  const part = new OutboxPart(partPath(path, sharedPart(name)));
  return {
    append: (rows) => part.append(rows),
    sync: () => part.sync(),
    get sizeBytes() {
      return part.sizeBytes;
    },
    removePulls: () => part.removePulls(),
    async close() {
      await part.sync().catch(() => {});
      part.close();
    },
  };
}
