import type { Logger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Digest } from "../oci/digest.ts";
import type { RegistryStore } from "../storage/store.ts";
import type { CacheNotes } from "./cache_notes.ts";
import type { UpstreamRoutes } from "./upstream.ts";

/** What all parts of the pull-through cache work with. */
export interface Copies {
  readonly routes: UpstreamRoutes;
  /** The repositories that are no copies. */
  readonly own: RegistryStore;
  /** The repositories that are: it deletes, and does not ask for what a manifest names. */
  readonly store: RegistryStore;
  readonly notes: CacheNotes;
  /** Lengths of blobs in bytes, as manifests that were just fetched claim them. */
  readonly claimedSizes: LRUCache<Digest, number>;
  /** What upstreams lately did not have. */
  readonly missing: Missing;
  readonly settings: CopySettings;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly meter: Meter | undefined;
}

/** What of the configuration the cache goes by. */
export interface CopySettings {
  /** A tag is compared with the upstream's at most once in this time, in milliseconds. */
  readonly freshnessMs: number;
  /** How long the upstream is not asked again for what it does not have, in milliseconds. */
  readonly missingMs: number;
  /** How long a blob still arrives with nobody waiting for it, in milliseconds. */
  readonly abandonAfterMs: number;
  /** Whether lists of tags are the upstream's, or tell what is here. */
  readonly listing: "upstream" | "cached";
  /** Whether the catalog has what upstreams have too, or tells what is here. */
  readonly catalog: "upstream" | "cached";
}

/** Names that are remembered as missing. */
const MAX_MISSING = 10_000;

/** Remembers for a short while what an upstream does not have. */
export class Missing {
  readonly #untilMs = new LRUCache<string, number>({ max: MAX_MISSING });
  readonly #clock: Clock;
  readonly #durationMs: number;

  constructor(options: { readonly clock: Clock; readonly durationMs: number }) {
    this.#clock = options.clock;
    this.#durationMs = options.durationMs;
  }

  /** @param key repository and reference, as `name@digest` or `name:tag` */
  has(key: string): boolean {
    return this.#clock.now() < (this.#untilMs.get(key) ?? 0);
  }

  add(key: string): void {
    if (this.#durationMs > 0) this.#untilMs.set(key, this.#clock.now() + this.#durationMs);
  }
}
