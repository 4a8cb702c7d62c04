import type { OutboxRow } from "./outbox_row.ts";

/** What was read of a journal. */
export interface JournalExcerpt {
  readonly rows: readonly OutboxRow[];
  /** The byte behind the last whole line that was read. */
  readonly to: number;
  /** Whether that was the last line. */
  readonly isAll: boolean;
  /** Bytes behind the last line: an event that is being written, or never was to its end. */
  readonly restBytes: number;
  /** How many lines could not be understood. */
  readonly damaged: number;
}

/** So much is read first, in bytes. */
const HEAD_BYTES = 32 * 1024;

const NEWLINE = 10;
const LINE_REGEXP = /^(\d+) (\d+) ([01]) (\{.*\})$/;

const DECODER = new TextDecoder();

/**
 * Reads whole lines of a journal.
 *
 * @param options.from the byte at which a line begins
 * @param options.maxBytes how much is read, unless a line is longer
 * @throws {Deno.errors.NotFound} it was removed
 */
export function readJournal(
  path: string,
  options: { readonly from: number; readonly maxBytes: number },
): JournalExcerpt {
  const { from, maxBytes } = options;
  const bytes = readBytes(path, options);
  const zero = bytes.indexOf(0);
  const written = zero < 0 ? bytes : bytes.subarray(0, zero);
  const end = written.lastIndexOf(NEWLINE) + 1;
  const isWhole = written.length < maxBytes;
  if (end === 0 && !isWhole) return readJournal(path, { from, maxBytes: maxBytes * 2 });
  const lines = end === 0 ? [] : DECODER.decode(written.subarray(0, end - 1)).split("\n");
  const rows = lines.flatMap(readLine);
  return {
    rows,
    to: from + end,
    isAll: isWhole,
    restBytes: isWhole ? written.length - end : 0,
    damaged: lines.length - rows.length,
  };
}

/**
 * How many lines a journal has, counted to a limit, and when the first of them was recorded; none
 * where it was removed.
 */
export function countJournal(
  path: string,
  { from, sizeBytes, limit }: {
    readonly from: number;
    readonly sizeBytes: number;
    readonly limit: number;
  },
): { readonly count: number; readonly oldestMs: number | undefined } {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path, { from, maxBytes: Math.max(0, sizeBytes - from) });
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { count: 0, oldestMs: undefined };
    throw error;
  }
  let count = 0;
  let end = -1;
  while (count < limit && (end = bytes.indexOf(NEWLINE, end + 1)) >= 0) count++;
  const first = DECODER.decode(bytes.subarray(0, Math.max(0, bytes.indexOf(NEWLINE))));
  return { count, oldestMs: readLine(first)[0]?.atMs };
}

/** Reads to the zeros at the end, roughly: most of the time little is left before them. */
function readBytes(
  path: string,
  { from, maxBytes }: { readonly from: number; readonly maxBytes: number },
): Uint8Array {
  const file = Deno.openSync(path);
  try {
    file.seekSync(from, Deno.SeekMode.Start);
    const head = readFully(file, new Uint8Array(Math.min(maxBytes, HEAD_BYTES)));
    if (head.length < HEAD_BYTES || head.length === maxBytes || head.includes(0)) return head;
    const bytes = new Uint8Array(maxBytes);
    bytes.set(head);
    return bytes.subarray(0, head.length + readFully(file, bytes.subarray(head.length)).length);
  } finally {
    file.close();
  }
}

/** Reads until the buffer is full or the file ends; gives what was read. */
function readFully(file: Deno.FsFile, buffer: Uint8Array): Uint8Array {
  let length = 0;
  while (length < buffer.length) {
    const count = file.readSync(buffer.subarray(length));
    if (count === null || count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}

function readLine(line: string): OutboxRow[] {
  const [, sequence, atMs, pull, event] = LINE_REGEXP.exec(line) ?? [];
  if (event === undefined) return [];
  return [{ sequence: Number(sequence), atMs: Number(atMs), isPull: pull === "1", event }];
}
