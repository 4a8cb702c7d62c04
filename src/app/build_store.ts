import type { Logger } from "@logtape/logtape";
import type { DescriptorCache } from "../cache/cache.ts";
import type { Config } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import type { Meter } from "../metrics/meter.ts";
import { createRegistryStore } from "../storage/registry_store.ts";
import type { RegistryStore } from "../storage/store.ts";
import { buildManifestRules } from "./build_settings.ts";

/** Options of {@linkcode buildStore}. */
export interface BuildStoreOptions {
  readonly driver: StorageDriver;
  readonly cache: DescriptorCache | undefined;
  readonly log: Logger;
  readonly meter: Meter | undefined;
}

/** A registry's content. */
export interface BuiltStore {
  readonly store: RegistryStore;
  /** Ends what is on its way from other registries. */
  close(): Promise<void>;
}

/** Builds the registry model, and what the configuration puts around it. */
export async function buildStore(
  config: Config,
  { driver, cache, log, meter }: BuildStoreOptions,
): Promise<BuiltStore> {
  const options = {
    log,
    ...cache === undefined ? {} : { cache },
    deleteEnabled: config.storage.delete.enabled,
    collected: config.storage.maintenance.garbageCollection.enabled,
    manifestRules: buildManifestRules(config),
    // 0 stands for the number of processors, as in Distribution.
    tagLookupConcurrency: config.storage.tag.concurrencyLimit || navigator.hardwareConcurrency,
    meter,
  };
  const store = createRegistryStore(driver, options);
  if (config.proxy === undefined) return { store, close: () => Promise.resolve() };
  // Who is no cache of other registries does not load one.
  const { buildPullThrough } = await import("./build_pull_through.ts");
  const copies = await buildPullThrough(store, config.proxy, {
    driver,
    storeOptions: options,
    log,
    meter,
  });
  return { store: copies, close: () => copies.close() };
}
