import { LRUCache } from "lru-cache";
import { compareNames } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { statIfPresent } from "./if_present.ts";

/** Names kept in memory, of all folders together: some 10 MB. */
const MAX_KEPT = 200_000;

/**
 * A folder that has not changed for so long, in milliseconds, gets another time with its next
 * change: where times have parts of a second the system's clock ticks every ten milliseconds at
 * least, elsewhere every two seconds.
 */
const SETTLED_MS = { fine: 100, coarse: 2000 } as const;

/** The names in a folder as they were at a time of the folder. */
interface Kept {
  readonly modifiedAtMs: number;
  readonly names: readonly string[];
}

/**
 * Lists folders in the order of their names' bytes, and does not list one again while the storage
 * says that it has not changed. Where folders have no times each listing is a new one.
 */
export class FolderNames {
  readonly #driver: StorageDriver;
  readonly #clock: Clock;
  readonly #kept = new LRUCache<string, Kept>({
    maxSize: MAX_KEPT,
    sizeCalculation: ({ names }) => names.length + 1,
  });

  /** Object stores have no folders to ask; they are asked once. */
  #haveTimes = true;

  constructor(driver: StorageDriver, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  /** The names of what is in `folder`; `undefined` where there is no such folder. */
  async list(folder: string): Promise<readonly string[] | undefined> {
    if (!this.#haveTimes) return await this.#read(folder);
    const info = await statIfPresent(this.#driver, folder);
    if (info === undefined) return undefined;
    const { modifiedAtMs } = info;
    this.#haveTimes = modifiedAtMs > 0;
    const kept = this.#kept.get(folder);
    if (kept !== undefined && kept.modifiedAtMs === modifiedAtMs) return kept.names;
    const settledMs = modifiedAtMs % 1000 === 0 ? SETTLED_MS.coarse : SETTLED_MS.fine;
    const isSettled = this.#haveTimes && modifiedAtMs + settledMs <= this.#clock.now();
    const names = await this.#read(folder);
    if (names !== undefined && isSettled) this.#kept.set(folder, { modifiedAtMs, names });
    return names;
  }

  async #read(folder: string): Promise<readonly string[] | undefined> {
    try {
      const paths = await this.#driver.list(folder);
      return paths.map((path) => path.slice(folder.length + 1)).sort(compareNames);
    } catch (error) {
      if (isPathNotFound(error)) return undefined;
      throw error;
    }
  }
}
