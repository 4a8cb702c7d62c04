import { CacheError } from "../cache/errors.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import { fromCacheError, StoreError } from "./errors.ts";
import { deleteIfPresent } from "./if_present.ts";
import {
  allReferrersPath,
  layersPath,
  manifestsPath,
  REPOSITORIES,
  repositoryPath,
  revisionsPath,
  ROOT,
  TRASH,
  uploadsPath,
} from "./paths.ts";
import type { RepositoryStore } from "./store.ts";
import { listDigests, listNames } from "./stored_content.ts";

/** What {@linkcode DriverRepositories} needs. */
export interface DriverRepositoriesOptions {
  readonly driver: StorageDriver;
  readonly deleteEnabled: boolean;
  /** Remembers what repositories hold. @default nothing does */
  readonly cache?: DescriptorCache | undefined;
}

/** Repositories as folders of a storage driver. */
export class DriverRepositories implements RepositoryStore {
  readonly #options: DriverRepositoriesOptions;

  constructor(options: DriverRepositoriesOptions) {
    this.#options = options;
  }

  async delete(repository: string): Promise<void> {
    const { driver, deleteEnabled, cache } = this.#options;
    if (!deleteEnabled) throw new StoreError("delete_disabled", {});
    const parts = await listNames(driver, repositoryPath(repository));
    if (!parts.some((name) => PARTS.includes(name))) {
      throw new StoreError("repository_unknown", { repository });
    }
    const remove = () => removeRepository(driver, repository);
    if (cache === undefined) await remove();
    else await this.#forgetting(cache, { repository, remove });
  }

  /** Nobody shall be told from memory that content is there, neither before nor after it goes. */
  async #forgetting(
    cache: DescriptorCache,
    { repository, remove }: {
      readonly repository: string;
      readonly remove: () => Promise<void>;
    },
  ): Promise<void> {
    const { driver } = this.#options;
    const digests = new Set<Digest>();
    for (const folder of [revisionsPath(repository), layersPath(repository)]) {
      for await (const digest of listDigests(driver, folder)) {
        if (isCanonical(digest)) digests.add(digest);
      }
    }
    try {
      await remove();
      for (const digest of digests) await cache.remove({ repository, digest }, async () => {});
    } catch (error) {
      throw error instanceof CacheError ? fromCacheError(error) : error;
    }
  }
}

const PARTS: readonly string[] = ["_manifests", "_layers", "_uploads"];

/** The manifests go first: with them the repository is one no more, whatever is cut short after it. */
async function removeRepository(driver: StorageDriver, repository: string): Promise<void> {
  const parts = [manifestsPath, layersPath, uploadsPath, allReferrersPath];
  const folders = parts.map((part) => part(repository));
  for (const folder of folders) {
    await deleteIfPresent(driver, folder);
    // What a collector has put aside of it could be brought back.
    await deleteIfPresent(driver, TRASH + folder.slice(ROOT.length));
  }
  await driver.removeEmptyFolders?.(repositoryPath(repository), REPOSITORIES);
}
