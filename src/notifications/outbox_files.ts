import { basename, dirname } from "@std/path";

/** The part for events that are sent once more. */
export const REPLAY_PART = "replay";

const PART_REGEXP = /^(?:\d+|shared-\d+|replay)$/;
const JOURNAL_REGEXP = /^(.+)\.journal-(\d+)$/;

/** A journal: what a thread has recorded and nobody has taken over into the thread's part yet. */
export interface JournalFile {
  readonly path: string;
  /** The part that its events belong to. */
  readonly part: string;
  /** An event's number (`event_numbers.ts`): those of journals that came later are higher. */
  readonly number: number;
  /** Bytes that it takes on disk. */
  readonly sizeBytes: number;
}

/** The file of a part of the outbox, beside its book. */
export function partPath(path: string, part: string): string {
  return `${path}.${part}`;
}

/** The file of a journal, beside that of its part. */
export function journalPath(partPath: string, number: number): string {
  return `${partPath}.journal-${number}`;
}

/** The name of the part for what a thread records while another process sends the events. */
export function sharedPart(part: string): string {
  return `shared-${part}`;
}

/** The parts that an outbox has. */
export function listParts(path: string): string[] {
  return endsOf(path).filter((part) => PART_REGEXP.test(part)).sort();
}

/** The journals that an outbox has, those of a part in the order in which they were begun. */
export function listJournals(path: string): JournalFile[] {
  return endsOf(path).flatMap((end) => {
    const [, part = "", number] = JOURNAL_REGEXP.exec(end) ?? [];
    const file = partPath(path, end);
    const sizeBytes = PART_REGEXP.test(part) ? sizeOf(file) : undefined;
    if (sizeBytes === undefined) return [];
    return [{ path: file, part, number: Number(number), sizeBytes }];
  }).sort((a, b) => a.number - b.number);
}

/** What the names of an outbox' files have behind that of its book. */
function endsOf(path: string): string[] {
  const prefix = `${basename(path)}.`;
  return [...Deno.readDirSync(dirname(path))]
    .filter(({ name, isFile }) => isFile && name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length));
}

/** `undefined` where it was removed meanwhile. */
function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
