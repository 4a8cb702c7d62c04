/**
 * The journal of a thread: to it goes each event before the request is answered that caused it, as a
 * line at the end of a file. Whoever sends the events takes the lines over into the thread's part of
 * the outbox and removes the file (`journal_taker.ts`).
 *
 * What is written outlives the program at once, and the machine when a {@linkcode Journal.sync} that
 * began later has settled. One file follows another; only the last is written to. A file is made as
 * long as it may become, full of zeros: to bring a line to the disk then takes a third less time, as
 * nothing but the line has changed. So the zeros are the end of what was written.
 *
 * @module
 */

import { dirname } from "@std/path";
import { syncFolder } from "../base/sync_folder.ts";
import { writeAllSync } from "../base/write_all.ts";
import { OutboxError } from "./errors.ts";
import { journalPath } from "./outbox_files.ts";
import type { OutboxRow } from "./outbox_row.ts";
import { SharedSync } from "./shared_sync.ts";

/** Options of {@linkcode Journal}. */
export interface JournalOptions {
  /** How long a file may become, events that are written at once and longer aside. */
  readonly maxBytes: number;
  /** Numbers the files; see `event_numbers.ts`. */
  readonly newNumber: () => number;
}

/** A file that is written to. */
interface Segment {
  readonly file: Deno.FsFile;
  /** With a handle of its own: one that waits for the disk cannot be written to. */
  readonly disk: SharedSync;
  sizeBytes: number;
}

/** More than this at a time needs memory of its own. */
const BUFFER_BYTES = 32 * 1024;

const ENCODER = new TextEncoder();

/** Writes the journal of a thread. */
export class Journal {
  readonly #partPath: string;
  readonly #options: JournalOptions;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #segment: Segment | undefined;
  /** Settles when what is in earlier files is on the disk, and the folder knows the last one. */
  #earlier: Promise<unknown> | undefined;

  /** @param partPath file of the part that the events belong to */
  constructor(partPath: string, options: JournalOptions) {
    this.#partPath = partPath;
    this.#options = options;
  }

  /**
   * Records events; when it returns they outlive the program.
   * @throws {OutboxError} failed
   */
  append(rows: readonly OutboxRow[]): void {
    const lines = this.#encode(rows.map(lineOf).join(""));
    try {
      this.#write(this.#segmentFor(lines.byteLength), lines);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OutboxError("failed", `Cannot write to the outbox: ${reason}`, { cause });
    }
  }

  /**
   * Waits until all that was written before is on the disk.
   * @throws {OutboxError} failed
   */
  async sync(): Promise<void> {
    try {
      const last = this.#segment?.disk.sync();
      await (this.#earlier === undefined ? last : Promise.all([this.#earlier, last]));
    } catch (cause) {
      throw new OutboxError("failed", "Cannot bring events to the disk", { cause });
    }
  }

  /** Ends it; what was written stays. */
  async close(): Promise<void> {
    this.#leave();
    await Promise.allSettled([this.#earlier]);
  }

  #encode(text: string): Uint8Array {
    const { read, written } = ENCODER.encodeInto(text, this.#buffer);
    return read === text.length ? this.#buffer.subarray(0, written) : ENCODER.encode(text);
  }

  #segmentFor(bytes: number): Segment {
    const segment = this.#segment;
    if (segment !== undefined) {
      const isRoom = segment.sizeBytes + bytes <= this.#options.maxBytes;
      if (isRoom || segment.sizeBytes === 0) return segment;
      this.#leave();
    }
    return this.#segment = this.#begin();
  }

  #begin(): Segment {
    const path = journalPath(this.#partPath, this.#options.newNumber());
    const file = Deno.openSync(path, { write: true, createNew: true });
    try {
      writeAllSync(file, new Uint8Array(this.#options.maxBytes));
      file.seekSync(0, Deno.SeekMode.Start);
      const segment = { file, disk: SharedSync.open(path), sizeBytes: 0 };
      this.#waitFor(syncFolder(dirname(path)));
      return segment;
    } catch (error) {
      file.close();
      Deno.removeSync(path);
      throw error;
    }
  }

  #write(segment: Segment, lines: Uint8Array): void {
    try {
      writeAllSync(segment.file, lines);
      segment.sizeBytes += lines.byteLength;
    } catch (error) {
      this.#takeBack(segment);
      throw error;
    }
  }

  /** Half a line must not stand before others. */
  #takeBack({ file, sizeBytes }: Segment): void {
    try {
      file.truncateSync(sizeBytes);
      file.seekSync(sizeBytes, Deno.SeekMode.Start);
    } catch {
      // At the end of a file it does no harm.
      this.#leave();
    }
  }

  /** Ends the file that is written to. */
  #leave(): void {
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#segment = undefined;
    segment.file.close();
    this.#waitFor(segment.disk.sync().finally(() => segment.disk.close()));
  }

  #waitFor(synced: Promise<void>): void {
    const earlier = Promise.all([this.#earlier, synced]);
    this.#earlier = earlier;
    const forget = () => {
      if (this.#earlier === earlier) this.#earlier = undefined;
    };
    // Whoever waits for it hears of a failure.
    earlier.then(forget, forget);
  }
}

function lineOf({ sequence, atMs, isPull, event }: OutboxRow): string {
  return `${sequence} ${atMs} ${isPull ? 1 : 0} ${event}\n`;
}
