import { dirname } from "@std/path";
import type { DriverError, FileWriter } from "../driver.ts";
import { readFailure, systemCode, writeFailure } from "./failures.ts";
import { inFolder, removeIfPresent } from "./_folders.ts";
import { Pace } from "./_pace.ts";

/** After so many bytes the disk is asked to take them, so that little is left for the end. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;

/** A piece of this size is written by another thread: to call one costs less than to copy that. */
const LARGE_BYTES = 1024 * 1024;

/** What {@linkcode FilesystemWriter.open} needs. */
export interface FilesystemWriterOptions {
  /** The path that errors name. */
  readonly path: string;
  /** Where the file is on the machine. */
  readonly location: string;
  readonly append: boolean;
  /** Whether a missing file is a failure. */
  readonly mustExist: boolean;
}

/** What an open writer holds. */
interface OpenFile {
  readonly path: string;
  readonly location: string;
  readonly file: Deno.FsFile;
  readonly sizeBytes: number;
}

/**
 * A file that is written in place, as Distribution does: its bytes can be seen while they arrive,
 * and whoever wants to publish them at once moves the file when it is complete.
 */
export class FilesystemWriter implements FileWriter {
  readonly #opened: OpenFile;
  #sizeBytes: number;
  #unsyncedBytes = 0;
  #isCommitted = false;
  readonly #pace = new Pace();
  #syncFile: Deno.FsFile | undefined;
  #syncing: Promise<void> | undefined;
  /** Bytes that the system failed to keep are lost: no later call may say that all is well. */
  #failure: DriverError | undefined;

  private constructor(opened: OpenFile) {
    this.#opened = opened;
    this.#sizeBytes = opened.sizeBytes;
  }

  /** Opens a file; unless it must exist, it and its folder are made where they are missing. */
  static async open(options: FilesystemWriterOptions): Promise<FilesystemWriter> {
    const { path, location, append, mustExist } = options;
    try {
      const file = mustExist
        ? await openHeld(location, { create: false })
        : await openMade(location, append);
      return new FilesystemWriter({ path, location, file, sizeBytes: file.statSync().size });
    } catch (error) {
      throw mustExist ? readFailure(error, path) : writeFailure(error, path);
    }
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      for (let done = 0; done < chunk.byteLength;) {
        const count = await this.#writeSome(chunk.subarray(done));
        done += count;
        this.#sizeBytes += count;
        this.#unsyncedBytes += count;
      }
    } catch (error) {
      throw writeFailure(error, this.#opened.path);
    }
    if (this.#unsyncedBytes < SYNC_EVERY_BYTES || this.#syncing !== undefined) return;
    this.#unsyncedBytes = 0;
    this.#syncing = this.#syncBehind();
  }

  async close(): Promise<void> {
    try {
      if (!this.#isCommitted) await this.#keep();
    } finally {
      this.#release();
    }
  }

  async commit(): Promise<void> {
    await this.#keep();
    this.#isCommitted = true;
  }

  async cancel(): Promise<void> {
    await this.#syncing;
    this.#release();
    const { location, path } = this.#opened;
    try {
      removeIfPresent(location);
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  /**
   * Mostly the system only copies the bytes; a large piece goes by a thread, and so do the next ones
   * when it made us wait.
   */
  #writeSome(bytes: Uint8Array): number | Promise<number> {
    const { file } = this.#opened;
    const isHere = this.#pace.isQuick && bytes.byteLength < LARGE_BYTES;
    return this.#pace.measure(isHere ? () => file.writeSync(bytes) : () => file.write(bytes));
  }

  /**
   * Brings bytes to the disk while more arrive; never fails, but leaves its failure behind.
   *
   * It has a handle of its own: calls of one handle wait for each other.
   */
  async #syncBehind(): Promise<void> {
    const { location, path } = this.#opened;
    try {
      this.#syncFile ??= Deno.openSync(location);
      await this.#syncFile.syncData();
    } catch (error) {
      this.#failure = writeFailure(error, path);
    }
    this.#syncing = undefined;
  }

  /** Brings everything to the disk. */
  async #keep(): Promise<void> {
    await this.#syncing;
    if (this.#failure !== undefined) throw this.#failure;
    const { file, path } = this.#opened;
    try {
      await file.syncData();
    } catch (error) {
      this.#failure = writeFailure(error, path);
      throw this.#failure;
    }
  }

  #release(): void {
    this.#opened.file[Symbol.dispose]();
    this.#syncFile?.[Symbol.dispose]();
  }
}

/** Opens a file to append to it or to begin it anew, making it and its folder where they are missing. */
async function openMade(location: string, append: boolean): Promise<Deno.FsFile> {
  const open = () => append ? openHeld(location) : openNew(location);
  return (await inFolder(dirname(location), open)).value;
}

/** Opens the file at `location`, made if it is missing, and holds it against other writers. */
async function openHeld(location: string, { create = true } = {}): Promise<Deno.FsFile> {
  for (;;) {
    const file = Deno.openSync(location, { append: true, create });
    await hold(file);
    if (isAt(file, location)) return file;
    // Whoever held it before has moved or removed it meanwhile.
    file.close();
  }
}

/** Opens a new file, not an emptied old one: whoever reads that shall get all of it. */
async function openNew(location: string): Promise<Deno.FsFile> {
  for (;;) {
    const present = await openHeld(location);
    if (present.statSync().size === 0) return present;
    // The old one is held until the new one is, so that nobody else comes in between.
    try {
      removeIfPresent(location);
      const file = Deno.openSync(location, { append: true, createNew: true });
      await hold(file);
      if (isAt(file, location)) return file;
      file.close();
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw error;
    } finally {
      present.close();
    }
  }
}

/** Waits until nobody else writes to a file. Some network file systems have no such locks. */
async function hold(file: Deno.FsFile): Promise<void> {
  try {
    await file.lock(true);
  } catch (error) {
    if (!["ENOLCK", "EOPNOTSUPP", "ENOSYS"].includes(systemCode(error) ?? "")) throw error;
  }
}

/** Tells whether a file is still the one at its place; where files have no numbers it is taken so. */
function isAt(file: Deno.FsFile, location: string): boolean {
  try {
    return file.statSync().ino === Deno.statSync(location).ino;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}
