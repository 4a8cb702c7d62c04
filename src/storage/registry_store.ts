import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import type { Digest } from "../oci/digest.ts";
import type { Meter } from "../metrics/meter.ts";
import { BlobFiles } from "./blob_files.ts";
import { LinkedBlobStore } from "./blob_store.ts";
import { DriverCatalog } from "./catalog.ts";
import { CachedBlobStore } from "./cached_blob_store.ts";
import { CachedManifestLinks } from "./cached_manifest_links.ts";
import { DriverRepositories } from "./delete_repository.ts";
import { Links } from "./links.ts";
import type { ManifestRules } from "./manifest_rules.ts";
import { LinkedManifestStore } from "./manifest_store.ts";
import { layerLinkPath, repositoryPath, revisionLinkPath, tagsPath } from "./paths.ts";
import { ReferrerIndex } from "./referrer_store.ts";
import type { RegistryStore } from "./store.ts";
import { DriverTagStore } from "./tag_store.ts";
import { Trash } from "./trash.ts";
import { DriverUploadStore } from "./upload_store.ts";

/** Options of {@linkcode createRegistryStore}. */
export interface RegistryStoreOptions {
  readonly log: Logger;
  /** Whether blobs, manifests and tags may be deleted. */
  readonly deleteEnabled: boolean;
  /** What is asked of a manifest before it is stored. */
  readonly manifestRules: ManifestRules;
  /** How many tags are read at once when they are searched. */
  readonly tagLookupConcurrency: number;
  /** Memory for manifests that were read, in bytes. @default 32 MiB */
  readonly manifestCacheBytes?: number;
  /** Longest wait for a client's next byte, in milliseconds. @default 2 minutes */
  readonly idleTimeoutMs?: number;
  /** Remembers what repositories hold, for storage that is far away. @default nothing does */
  readonly cache?: DescriptorCache;
  /**
   * Whether a collector is at work on the same storage: links of manifests that it has put aside are
   * then brought back, and what a manifest names is looked for in the storage itself, not in the
   * cache. @default false
   */
  readonly collected?: boolean;
  /** @default the machine's */
  readonly clock?: Clock;
  /** Counts what happens. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/** Builds the registry model over a storage driver. */
export function createRegistryStore(
  driver: StorageDriver,
  options: RegistryStoreOptions,
): RegistryStore {
  const { log, deleteEnabled, cache, meter } = options;
  const { clock = SYSTEM_CLOCK, idleTimeoutMs = 120_000, collected = false } = options;
  const files = new BlobFiles(driver, log);
  const layers = new Links(driver, layerLinkPath, log);
  const trash = collected ? new Trash(driver) : undefined;
  const listed = new Links(driver, revisionLinkPath, log);
  const revisions = new Links(driver, revisionLinkPath, log, trash);
  const { tagLookupConcurrency: lookupConcurrency } = options;
  const tags = new DriverTagStore({ driver, deleteEnabled, lookupConcurrency, clock, log });
  const referrers = new ReferrerIndex({ driver, files, revisions: listed, clock, log });
  const linked = new LinkedBlobStore({ files, layers, deleteEnabled });
  const blobs = cache === undefined ? linked : new CachedBlobStore(linked, cache);
  return {
    blobs,
    uploads: new DriverUploadStore({ driver, files, layers, clock, idleTimeoutMs, meter }),
    manifests: new LinkedManifestStore({
      files,
      blobs: collected ? linked : blobs,
      revisions: cache === undefined ? revisions : new CachedManifestLinks(revisions, cache),
      tags,
      referrers,
      rules: options.manifestRules,
      deleteEnabled,
      onManifestRemoved: (...removed) => removeEmptyParts(driver, removed),
      cacheBytes: options.manifestCacheBytes ?? 32 * 1024 * 1024,
    }),
    tags,
    referrers,
    catalog: new DriverCatalog(driver),
    repositories: new DriverRepositories({ driver, deleteEnabled, cache }),
  };
}

/** A repository whose last manifest has gone is one no more, and leaves the catalog. */
async function removeEmptyParts(
  driver: StorageDriver,
  [repository, digests]: readonly [repository: string, digests: readonly Digest[]],
): Promise<void> {
  const top = repositoryPath(repository);
  for (const digest of digests) {
    const link = revisionLinkPath(repository, digest);
    await driver.removeEmptyFolders?.(link.slice(0, link.lastIndexOf("/")), top);
  }
  await driver.removeEmptyFolders?.(tagsPath(repository), top);
}
