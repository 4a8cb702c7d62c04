import { getLogger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { createApi } from "../../src/api/api.ts";
import type { ApiSettings } from "../../src/api/api_settings.ts";
import type { Timers } from "../../src/base/timers.ts";
import { SYSTEM_TIMERS } from "../../src/base/timers.ts";
import { connectRegistry } from "../../src/client/connect.ts";
import type { Fetch } from "../../src/client/safe_fetch.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { createMeter, type Meter } from "../../src/metrics/meter.ts";
import { CacheNotes } from "../../src/proxy/cache_notes.ts";
import { type CopySettings, Missing } from "../../src/proxy/copies.ts";
import {
  createPullThroughStore,
  type PullThroughStore,
} from "../../src/proxy/pull_through_store.ts";
import { UpstreamRoutes } from "../../src/proxy/upstream.ts";
import {
  createRegistryStore,
  type RegistryStoreOptions,
} from "../../src/storage/registry_store.ts";
import { API_SETTINGS, TestRegistry } from "../api/_registry.ts";
import { ManualTimers } from "../support/manual_timers.ts";

/** What an upstream does instead of answering; `undefined`: it answers as ever. */
export type Misbehave = (request: Request) => Response | Promise<Response> | undefined;

/** Another registry, without a socket. */
export class Upstream {
  readonly registry = new TestRegistry();
  /** `<method> <path>` of each request, in the order they came. */
  readonly requests: string[] = [];
  misbehave: Misbehave = () => undefined;

  readonly fetch: Fetch = async (url, init) => {
    const request = new Request(url, init);
    this.requests.push(`${request.method} ${url.pathname.replace("/v2/", "")}`);
    const answer = await this.misbehave(request) ??
      await this.registry.send(request.method, url.pathname + url.search, {
        headers: Object.fromEntries(request.headers),
      });
    return answer;
  };

  /** Answers nothing any more. */
  goAway(): void {
    this.misbehave = () => Promise.reject(new TypeError("connection refused"));
  }

  /** The requests so far, which are then forgotten. */
  takeRequests(): string[] {
    return this.requests.splice(0);
  }
}

/** Options of {@linkcode startCache}. */
export interface CacheOptions {
  readonly upstream?: Upstream;
  /** @default "" */
  readonly prefix?: string;
  readonly library?: string;
  readonly driver?: StorageDriver;
  readonly settings?: Partial<CopySettings>;
  readonly api?: Partial<ApiSettings>;
  readonly timers?: Timers;
  readonly clock?: ManualTimers;
  /** How long an upstream may be silent in the middle of a blob, in milliseconds. @default long */
  readonly idleTimeoutMs?: number;
  /** Whether a collector runs beside requests. @default false */
  readonly collected?: boolean;
}

/** A pull-through cache without a socket. */
export interface Cache {
  readonly upstream: Upstream;
  readonly driver: StorageDriver;
  readonly store: PullThroughStore;
  readonly notes: CacheNotes;
  readonly clock: ManualTimers;
  readonly meter: Meter;
  send(method: string, path: string, headers?: Record<string, string>): Promise<Response>;
}

const COPY_SETTINGS: CopySettings = {
  freshnessMs: 60_000,
  missingMs: 10_000,
  abandonAfterMs: 60_000,
  listing: "upstream",
  catalog: "cached",
};

const RULES = { urls: undefined, children: "none", blobs: false, classes: [] } as const;

/** Builds a cache over an upstream; both are in memory. */
export async function startCache(options: CacheOptions = {}): Promise<Cache> {
  const { upstream = new Upstream(), prefix = "", library = "" } = options;
  const {
    driver = guardDriver(new InMemoryDriver()),
    clock = new ManualTimers(1_700_000_000_000),
  } = options;
  const log = getLogger(["stowage"]);
  const storeOptions: RegistryStoreOptions = {
    log,
    deleteEnabled: false,
    manifestRules: { ...RULES, children: "all", blobs: true },
    tagLookupConcurrency: 4,
    collected: options.collected ?? false,
    ...options.idleTimeoutMs === undefined ? {} : { idleTimeoutMs: options.idleTimeoutMs },
  };
  const settings = { ...COPY_SETTINGS, ...options.settings };
  const client = await connectRegistry("http://upstream.test", {
    log,
    fetch: upstream.fetch,
    resolve: () => Promise.resolve(["10.0.0.1"]),
    clock,
  });
  const notes = new CacheNotes({ driver, clock, log, resolutionMs: 60_000 });
  const meter = createMeter();
  const store = createPullThroughStore({
    routes: new UpstreamRoutes([{ host: "upstream.test", prefix, library, client }]),
    own: createRegistryStore(driver, storeOptions),
    store: createRegistryStore(driver, {
      ...storeOptions,
      deleteEnabled: true,
      manifestRules: RULES,
    }),
    notes,
    claimedSizes: new LRUCache({ max: 1000 }),
    missing: new Missing({ clock, durationMs: settings.missingMs }),
    settings,
    clock,
    timers: options.timers ?? SYSTEM_TIMERS,
    log,
    meter,
  });
  const handle = createApi({ store, settings: { ...API_SETTINGS, ...options.api }, log });
  return {
    upstream,
    driver,
    store,
    notes,
    clock,
    meter,
    send: (method, path, headers = {}) =>
      handle(new Request(`http://cache.test${path}`, { method, headers }), { address: "10.0.0.9" }),
  };
}

/** The body of an answer, which must be a success. */
export async function bytesOf(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) throw new Error(`${response.status} ${new TextDecoder().decode(bytes)}`);
  return bytes;
}
