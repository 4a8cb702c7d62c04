import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { deleteIfPresent } from "./if_present.ts";
import { ROOT, TRASH } from "./paths.ts";

/** Digits of a time in the name of a copy: enough for all times, so that names sort by it. */
const TIME_DIGITS = 15;

/** A file that was put aside. */
export interface TrashEntry {
  /** Where it is now; no other file ever gets this name. */
  readonly path: string;
  /** Where it was, and where it is expected. */
  readonly original: string;
  readonly sizeBytes: number;
  /** When it was put aside, by the storage's clock, in milliseconds since the epoch. */
  readonly putAtMs: number;
}

/**
 * Files that a collector has put aside, each under a name of its own below `_trash`, where they
 * stand as long as anybody may still count on them.
 *
 * A file is only ever removed under the name that it has here. Since nothing else gets that name, a
 * collector that was paused, or thinks wrongly that it is the only one, can remove nothing that was
 * stored, or brought back, in the meantime.
 */
export class Trash {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  /** Puts a file aside; `false` where there is none. */
  async put(path: string, putAtMs: number): Promise<boolean> {
    const time = String(Math.floor(putAtMs)).padStart(TIME_DIGITS, "0");
    try {
      await this.#driver.move(path, `${trashFolder(path)}/${time}.${crypto.randomUUID()}`);
      return true;
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      return false;
    }
  }

  /** Brings back a file that was put aside; `false` where none was, or somebody else is faster. */
  async restore(path: string): Promise<boolean> {
    const newest = (await this.copies(path)).sort().at(-1);
    if (newest === undefined) return false;
    return await this.restoreCopy({ path: newest, original: path });
  }

  /** Brings back one copy; `false` where it is gone. */
  async restoreCopy(entry: Pick<TrashEntry, "path" | "original">): Promise<boolean> {
    try {
      await this.#driver.move(entry.path, entry.original);
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      return false;
    }
    await this.#tidy(entry.path);
    return true;
  }

  /** Removes one copy for good; `false` where it is gone. */
  async removeCopy(entry: Pick<TrashEntry, "path">): Promise<boolean> {
    try {
      await this.#driver.delete(entry.path);
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      return false;
    }
    await this.#tidy(entry.path);
    return true;
  }

  /** Removes all copies of a file. */
  async empty(path: string): Promise<void> {
    for (const copy of await this.copies(path)) await deleteIfPresent(this.#driver, copy);
  }

  /** The copies of a file, in no particular order. */
  async copies(path: string): Promise<string[]> {
    try {
      return await this.#driver.list(trashFolder(path));
    } catch (error) {
      if (isPathNotFound(error)) return [];
      throw error;
    }
  }

  /** Everything that was put aside. */
  async *entries(): AsyncGenerator<TrashEntry> {
    try {
      for await (const { path, isDirectory, sizeBytes } of this.#driver.walk(TRASH)) {
        if (isDirectory) continue;
        const slash = path.lastIndexOf("/");
        const putAtMs = Number(path.slice(slash + 1).split(".")[0]);
        // A name that is no time was not made here: it is left alone.
        if (!Number.isInteger(putAtMs)) continue;
        yield { path, original: ROOT + path.slice(TRASH.length, slash), sizeBytes, putAtMs };
      }
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
    }
  }

  async #tidy(path: string): Promise<void> {
    const folder = path.slice(0, path.lastIndexOf("/"));
    await this.#driver.removeEmptyFolders?.(folder, ROOT);
  }
}

/** The folder of the copies of a file. */
function trashFolder(path: string): string {
  return TRASH + path.slice(ROOT.length);
}
