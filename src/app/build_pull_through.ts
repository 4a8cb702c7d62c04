import type { Logger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import { connectRegistry } from "../client/connect.ts";
import {
  type CredentialSource,
  HelperCredentials,
  runHelper,
  staticCredentials,
} from "../client/credentials.ts";
import type { AnswerNotes, RegistryClient } from "../client/registry_client.ts";
import type { ProxyConfig, UpstreamConfig } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { PULL_THROUGH_INSTRUMENTS } from "../metrics/instruments/pull_through_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { CacheNotes } from "../proxy/cache_notes.ts";
import { Missing } from "../proxy/copies.ts";
import { createPullThroughStore, type PullThroughStore } from "../proxy/pull_through_store.ts";
import { type Upstream, UpstreamRoutes } from "../proxy/upstream.ts";
import { createRegistryStore, type RegistryStoreOptions } from "../storage/registry_store.ts";
import type { RegistryStore } from "../storage/store.ts";

/** Blobs whose length is remembered until they are fetched. */
const MAX_CLAIMED_SIZES = 20_000;

/** A use is noted at most once in this time, in milliseconds, or a tenth of the time to live. */
const NOTE_RESOLUTION_MS = 3_600_000;

/** Options of {@linkcode buildPullThrough}. */
export interface BuildPullThroughOptions {
  readonly driver: StorageDriver;
  /** What the registry's own store was made with. */
  readonly storeOptions: RegistryStoreOptions;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
}

/** Wraps a registry's store, so that some or all of its repositories are copies of others. */
export async function buildPullThrough(
  own: RegistryStore,
  config: ProxyConfig,
  { driver, storeOptions, log, meter }: BuildPullThroughOptions,
): Promise<PullThroughStore> {
  const upstreams = await Promise.all(
    config.upstreams.map((upstream) => connectUpstream(upstream, { log, meter })),
  );
  const clock = SYSTEM_CLOCK;
  return createPullThroughStore({
    routes: new UpstreamRoutes(upstreams),
    own,
    store: createCopyStore(driver, storeOptions),
    notes: createCacheNotes(driver, { config, log }),
    claimedSizes: new LRUCache({ max: MAX_CLAIMED_SIZES }),
    missing: new Missing({ clock, durationMs: config.missingMs }),
    settings: {
      freshnessMs: config.freshnessMs,
      missingMs: config.missingMs,
      abandonAfterMs: config.cacheWriteTimeoutMs,
      listing: config.listing,
      catalog: config.catalog,
    },
    clock,
    timers: SYSTEM_TIMERS,
    log,
    meter,
  });
}

/**
 * The store of copies: what expires is deleted whatever `storage.delete` says, and a manifest comes
 * before what it names.
 */
export function createCopyStore(
  driver: StorageDriver,
  options: RegistryStoreOptions,
): RegistryStore {
  const manifestRules = { urls: undefined, children: "none", blobs: false, classes: [] } as const;
  return createRegistryStore(driver, { ...options, deleteEnabled: true, manifestRules });
}

/** The notes on cached content, as fine as the time to live needs them. */
export function createCacheNotes(
  driver: StorageDriver,
  { config, log }: { readonly config: ProxyConfig; readonly log: Logger },
): CacheNotes {
  const resolutionMs = config.ttlMs === 0
    ? NOTE_RESOLUTION_MS
    : Math.min(NOTE_RESOLUTION_MS, config.ttlMs / 10);
  return new CacheNotes({ driver, clock: SYSTEM_CLOCK, log, resolutionMs });
}

async function connectUpstream(
  config: UpstreamConfig,
  { log, meter }: { readonly log: Logger; readonly meter: Meter | undefined },
): Promise<Upstream> {
  const { host } = new URL(config.remoteUrl);
  const observe = meter && observeAnswers(meter, host);
  const client = await connectUpstreamClient(config, { log, observe });
  return { host, prefix: config.prefix, library: config.library, client };
}

/** A client of an upstream, with the credentials that the configuration has for it. */
export async function connectUpstreamClient(
  config: UpstreamConfig,
  { log, observe }: {
    readonly log: Logger;
    readonly observe?: ((notes: AnswerNotes) => void) | undefined;
  },
): Promise<RegistryClient> {
  return await connectRegistry(config.remoteUrl, {
    credentials: credentialsOf(config, log),
    allowedHosts: config.allowedHosts,
    log,
    observe,
  });
}

function credentialsOf(config: UpstreamConfig, log: Logger): CredentialSource {
  const { username, password = "", exec } = config;
  if (exec !== undefined) {
    return new HelperCredentials({ ...exec, run: runHelper, clock: SYSTEM_CLOCK, log });
  }
  return staticCredentials(username === undefined ? undefined : { username, password });
}

function observeAnswers(meter: Meter, upstream: string): (notes: AnswerNotes) => void {
  const { upstreamRequests, rateLimit, rateLimitRemaining } = PULL_THROUGH_INSTRUMENTS;
  const requests = meter.counter(upstreamRequests);
  return ({ status, rateLimit: limit }) => {
    requests.with(upstream, status === 0 ? "none" : String(status)).add();
    if (limit === undefined) return;
    meter.gauge(rateLimit).with(upstream).set(limit.limit);
    meter.gauge(rateLimitRemaining).with(upstream).set(limit.remaining);
  };
}
