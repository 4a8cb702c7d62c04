import type { Logger } from "@logtape/logtape";
import { compareNames } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { applyChanges, isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import type { Digest } from "../oci/digest.ts";
import { StoreError } from "./errors.ts";
import { FolderNames } from "./folder_names.ts";
import { deleteIfPresent, statIfPresent } from "./if_present.ts";
import { readLink, toLink } from "./links.ts";
import { manifestsPath, tagCurrentLinkPath, tagIndexLinkPath, tagPath, tagsPath } from "./paths.ts";
import type { Page, PageRequest, TagStore } from "./store.ts";

/** What {@linkcode DriverTagStore} needs. */
export interface DriverTagStoreOptions {
  readonly driver: StorageDriver;
  readonly deleteEnabled: boolean;
  /** How many tags are read at once when they are searched. */
  readonly lookupConcurrency: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Tags as links of a storage driver; what one points at is read each time, never remembered. */
export class DriverTagStore implements TagStore {
  readonly #driver: StorageDriver;
  readonly #deleteEnabled: boolean;
  readonly #folders: FolderNames;
  readonly #lookupConcurrency: number;
  readonly #log: Logger;

  constructor(options: DriverTagStoreOptions) {
    this.#driver = options.driver;
    this.#folders = new FolderNames(options.driver, options.clock);
    this.#deleteEnabled = options.deleteEnabled;
    this.#lookupConcurrency = options.lookupConcurrency;
    this.#log = options.log;
  }

  async get(repository: string, tag: string): Promise<Digest> {
    const digest = await this.#read(repository, tag);
    if (digest === undefined) throw new StoreError("tag_unknown", { repository, tag });
    return digest;
  }

  /**
   * Points a tag at a manifest of the repository. The current link goes first: it alone makes the
   * tag, the index only remembers what it ever pointed at.
   */
  async set(repository: string, tag: string, digest: Digest): Promise<void> {
    const current = await toLink(this.#driver, tagCurrentLinkPath(repository, tag), digest);
    const entry = await toLink(this.#driver, tagIndexLinkPath(repository, tag, digest), digest);
    await applyChanges(this.#driver, [...current, ...entry]);
  }

  async delete(repository: string, tag: string): Promise<void> {
    if (!this.#deleteEnabled) throw new StoreError("delete_disabled", {});
    try {
      await this.#driver.delete(tagPath(repository, tag));
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      throw new StoreError("tag_unknown", { repository, tag }, { cause: error });
    }
  }

  async list(repository: string, page: PageRequest): Promise<Page> {
    const { last, limit = Infinity } = page;
    const names = await this.#names(repository);
    const start = last === undefined ? 0 : upperBound(names, last);
    const end = Math.min(names.length, start + limit);
    return { entries: names.slice(start, end), more: end < names.length };
  }

  /** Removes `tags`, save those that are gone or point elsewhere meanwhile. */
  async deletePointingAt(
    repository: string,
    { tags, digests }: { readonly tags: readonly string[]; readonly digests: ReadonlySet<Digest> },
  ): Promise<void> {
    for (const tag of tags) {
      const target = await this.#read(repository, tag);
      if (target === undefined || !digests.has(target)) continue;
      await deleteIfPresent(this.#driver, tagPath(repository, tag));
    }
  }

  /** The tags that point at one of `digests` now; reads every tag of the repository. */
  async pointingAt(
    repository: string,
    digests: ReadonlySet<Digest>,
  ): Promise<readonly string[]> {
    const names = await this.#folders.list(tagsPath(repository)) ?? [];
    const found: string[] = [];
    for (let start = 0; start < names.length; start += this.#lookupConcurrency) {
      const batch = names.slice(start, start + this.#lookupConcurrency);
      const targets = await Promise.all(batch.map((tag) => this.#read(repository, tag)));
      found.push(...batch.filter((_, index) => {
        const target = targets[index];
        return target !== undefined && digests.has(target);
      }));
    }
    return found;
  }

  /** A repository whose manifests have no tags is known all the same. */
  async #names(repository: string): Promise<readonly string[]> {
    const names = await this.#folders.list(tagsPath(repository));
    if (names !== undefined) return names;
    if (await statIfPresent(this.#driver, manifestsPath(repository)) !== undefined) return [];
    throw new StoreError("repository_unknown", { repository });
  }

  #read(repository: string, tag: string): Promise<Digest | undefined> {
    return readLink(this.#driver, tagCurrentLinkPath(repository, tag), this.#log);
  }
}

/** Index of the first name that sorts after `last`. */
function upperBound(names: readonly string[], last: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareNames(names[middle] ?? "", last) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
