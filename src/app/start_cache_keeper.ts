import type { Logger } from "@logtape/logtape";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { Config, ProxyConfig } from "../config/config.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Digest } from "../oci/digest.ts";
import { isStoreError } from "../storage/errors.ts";
import { blobFolderPath } from "../storage/paths.ts";
import type { RegistryStore } from "../storage/store.ts";
import { buildManifestRules } from "./build_settings.ts";

/** Options of {@linkcode startCacheKeeper}. */
export interface CacheKeeperStartOptions {
  readonly log: Logger;
  readonly meter?: Meter | undefined;
  /** Is told what goes. @default there is none */
  readonly cache?: DescriptorCache | undefined;
  /** @default the machine's */
  readonly timers?: Timers;
}

/** How long a list of repositories is used, in milliseconds. */
const LIST_AGE_MS = 60_000;

/** Keeps the pull-through cache within its limits, where there is one that may be written to. */
export function startCacheKeeper(
  config: Config,
  driver: StorageDriver,
  options: CacheKeeperStartOptions,
): { close(): void } {
  const { proxy, storage: { maintenance } } = config;
  if (proxy === undefined || maintenance.readOnly.enabled) return { close() {} };
  const keeper = loadKeeper(config, proxy, { driver, ...options });
  return { close: () => void keeper.then((loaded) => loaded.close()) };
}

async function loadKeeper(
  config: Config,
  proxy: ProxyConfig,
  { driver, log, meter, cache, timers = SYSTEM_TIMERS }: CacheKeeperStartOptions & {
    readonly driver: StorageDriver;
  },
): Promise<{ close(): void }> {
  const { garbageCollection } = config.storage.maintenance;
  const { createCopyStore, createCacheNotes } = await import("./build_pull_through.ts");
  const { CacheKeeper } = await import("../proxy/cache_keeper.ts");
  const store = createCopyStore(driver, {
    log,
    deleteEnabled: true,
    ...cache === undefined ? {} : { cache },
    collected: garbageCollection.enabled,
    manifestRules: buildManifestRules(config),
    tagLookupConcurrency: config.storage.tag.concurrencyLimit || navigator.hardwareConcurrency,
  });
  const isEverything = proxy.upstreams.some(({ prefix }) => prefix === "");
  return new CacheKeeper({
    driver,
    store,
    notes: createCacheNotes(driver, { config: proxy, log }),
    ttlMs: proxy.ttlMs,
    maxSizeBytes: proxy.maxSizeBytes,
    // Where people push too, the bytes may be theirs at any moment: that is for the collector. And
    // where one runs beside requests, it alone takes bytes.
    removeBytes: isEverything && !garbageCollection.enabled
      ? createRemover(driver, store)
      : undefined,
    clock: SYSTEM_CLOCK,
    timers,
    log,
    meter,
  });
}

/**
 * Makes what removes the bytes of content that no repository holds any more. Should one come to
 * hold it in the same moment, it is fetched anew: all repositories are copies.
 */
function createRemover(
  driver: StorageDriver,
  store: RegistryStore,
): (digest: Digest) => Promise<void> {
  let listedAtMs = -Infinity;
  let repositories: readonly string[] = [];
  return async (digest) => {
    if (SYSTEM_CLOCK.now() - listedAtMs > LIST_AGE_MS) {
      repositories = (await store.catalog.list({})).entries;
      listedAtMs = SYSTEM_CLOCK.now();
    }
    for (const repository of repositories) {
      if (await holds(store, repository, digest)) return;
    }
    try {
      await driver.delete(blobFolderPath(digest));
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
    }
  };
}

async function holds(store: RegistryStore, repository: string, digest: Digest): Promise<boolean> {
  const isHeld = async (look: Promise<unknown>) => {
    try {
      await look;
      return true;
    } catch (error) {
      const isUnknown = isStoreError(error, "blob_unknown") ||
        isStoreError(error, "manifest_unknown");
      if (!isUnknown) throw error;
      return false;
    }
  };
  return await isHeld(store.blobs.stat(repository, digest)) ||
    await isHeld(store.manifests.get(repository, digest));
}
