import { syncFolder } from "../../base/sync_folder.ts";
import { systemCode } from "./failures.ts";

/** What is known of a folder while it is brought to the disk. */
interface Syncs {
  /** The sync that has begun: it may have missed the entries that were made since. */
  readonly running: Promise<void>;
  /** The one that begins when that is over, for everybody who came meanwhile. */
  next: Promise<void> | undefined;
}

/**
 * Brings the entries of folders to the disk, once for all that were made before it begins: where
 * many clients push at once, most of them share their folders.
 */
export class FolderSyncs {
  readonly #syncs = new Map<string, Syncs>();
  readonly #sync: (folder: string) => Promise<void>;

  /** @param sync brings the entries of one folder to the disk */
  constructor(sync: (folder: string) => Promise<void> = syncPresent) {
    this.#sync = sync;
  }

  /** Returns when the entries that these folders have now are on the disk. */
  async sync(folders: readonly string[]): Promise<void> {
    // Windows cannot open a folder, and keeps its entries by itself.
    if (Deno.build.os === "windows") return;
    await Promise.all(folders.map((folder) => this.#join(folder)));
  }

  #join(folder: string): Promise<void> {
    const syncs = this.#syncs.get(folder);
    if (syncs === undefined) return this.#begin(folder);
    syncs.next ??= this.#follow(folder, syncs.running);
    return syncs.next;
  }

  async #follow(folder: string, before: Promise<void>): Promise<void> {
    // Who waited for that one has been told of its failure.
    await Promise.allSettled([before]);
    await this.#begin(folder);
  }

  #begin(folder: string): Promise<void> {
    const running = this.#sync(folder);
    const syncs: Syncs = { running, next: undefined };
    this.#syncs.set(folder, syncs);
    const forget = () => {
      if (syncs.next === undefined && this.#syncs.get(folder) === syncs) this.#syncs.delete(folder);
    };
    running.then(forget, forget);
    return running;
  }
}

/** Brings the entries of a folder to the disk. One that is gone has none to lose. */
async function syncPresent(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
