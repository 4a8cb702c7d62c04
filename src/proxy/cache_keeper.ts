import type { Logger } from "@logtape/logtape";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { PULL_THROUGH_INSTRUMENTS } from "../metrics/instruments/pull_through_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { isStoreError } from "../storage/errors.ts";
import type { RegistryStore } from "../storage/store.ts";
import type { CachedContent, CacheNotes, ContentNote } from "./cache_notes.ts";
import { type CacheEntry, type Eviction, planEvictions } from "./cache_plan.ts";
import {
  parseSchedulerState,
  renderSchedulerState,
  SCHEDULER_STATE_PATH,
} from "./scheduler_state.ts";

/** What {@linkcode CacheKeeper} needs. */
export interface CacheKeeperOptions {
  readonly driver: StorageDriver;
  /** The repositories that are copies. */
  readonly store: RegistryStore;
  readonly notes: CacheNotes;
  /** How long content that nobody uses is kept, in milliseconds; 0: for ever. */
  readonly ttlMs: number;
  /** Most bytes of cached content; 0: any number. */
  readonly maxSizeBytes: number;
  /** Removes the bytes of a blob that no repository holds. @default that is left to the collector */
  readonly removeBytes?: ((digest: Digest) => Promise<void>) | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  readonly meter?: Meter | undefined;
}

/** The first look comes soon after the start, in milliseconds: what is overdue goes then. */
const FIRST_RUN_MS = 5_000;
/** Time between two looks, in milliseconds. */
const INTERVAL_MS = { min: 5_000, sized: 300_000, max: 3_600_000 } as const;

/**
 * Removes cached content that nobody has used for long, or that is too much, from time to time.
 *
 * Several replicas may do so on one storage: each looks again at when something was used before it
 * removes it, and what one has removed the others do not find. What is removed too much comes again
 * when it is asked for.
 */
export class CacheKeeper {
  readonly #options: CacheKeeperOptions;
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: CacheKeeperOptions) {
    this.#options = options;
    this.#runAfter(FIRST_RUN_MS);
  }

  /** Ends it, behind the content that it is at. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #runAfter(delayMs: number): void {
    if (this.#isClosed) return;
    const { ttlMs, maxSizeBytes, timers, log } = this.#options;
    const wanted = ttlMs === 0 ? INTERVAL_MS.max : ttlMs / 10;
    const most = maxSizeBytes > 0 ? INTERVAL_MS.sized : INTERVAL_MS.max;
    const intervalMs = Math.min(Math.max(wanted, INTERVAL_MS.min), most);
    this.#cancelTimer = timers.after(delayMs, () => {
      this.run().catch((error) => log.error("could not tidy the cache", { error }))
        .then(() => this.#runAfter(intervalMs));
    });
  }

  /** Looks once. */
  async run(): Promise<void> {
    const { ttlMs, maxSizeBytes, clock, notes, meter, log } = this.#options;
    const takenOver = await this.#takeOver();
    const listed = await Array.fromAsync(notes.list());
    const entries = await Promise.all(listed.map((note) => this.#describe(note)));
    const limits = { nowMs: clock.now(), ttlMs, maxSizeBytes };
    const plan = planEvictions(entries, limits);
    let evicted = 0;
    for (const eviction of plan.evictions) {
      if (this.#isClosed) return;
      if (await this.#evict(eviction)) evicted++;
    }
    meter?.gauge(PULL_THROUGH_INSTRUMENTS.cachedBytes).with().set(plan.keptBytes);
    if (evicted > 0) log.info("tidied the cache", { evicted, keptBytes: plan.keptBytes });
    const gone = new Set(plan.evictions.map(({ entry }) => entry));
    if (ttlMs > 0 && (takenOver || entries.length > 0)) {
      await this.#saveState(entries.filter((entry) => !gone.has(entry)));
    }
  }

  /** Takes over what Distribution knew, where nothing is known here. */
  async #takeOver(): Promise<boolean> {
    const { driver, notes, ttlMs } = this.#options;
    let content: Uint8Array;
    try {
      content = await driver.getContent(SCHEDULER_STATE_PATH);
    } catch (error) {
      if (isPathNotFound(error)) return false;
      throw error;
    }
    for (const expiry of parseSchedulerState(content)) {
      if (await notes.get(expiry) !== undefined) continue;
      const sizeBytes = await this.#sizeOf(expiry);
      if (sizeBytes === undefined) continue;
      await notes.set({ ...expiry, usedAtMs: expiry.expiresAtMs - ttlMs, sizeBytes });
    }
    return true;
  }

  async #sizeOf({ kind, repository, digest }: CachedContent): Promise<number | undefined> {
    const { store } = this.#options;
    try {
      if (kind === "blob") return (await store.blobs.stat(repository, digest)).sizeBytes;
      return (await store.manifests.get(repository, digest)).bytes.byteLength;
    } catch (error) {
      if (isUnknown(error)) return undefined;
      throw error;
    }
  }

  async #describe(note: ContentNote): Promise<CacheEntry> {
    if (note.kind === "blob") return { ...note, needs: [] };
    try {
      const { bytes } = await this.#options.store.manifests.get(note.repository, note.digest);
      const { config, layers, manifests } = readManifest(bytes);
      const named = [...config === undefined ? [] : [config], ...layers, ...manifests];
      return { ...note, needs: named.map(({ digest }) => digest) };
    } catch (error) {
      if (isUnknown(error)) return { ...note, needs: [] };
      throw error;
    }
  }

  /** Removes content, unless somebody has used it meanwhile. */
  async #evict({ entry, reason }: Eviction): Promise<boolean> {
    const { store, notes, meter, removeBytes } = this.#options;
    const now = await notes.get(entry);
    if (now === undefined || now.usedAtMs !== entry.usedAtMs) return false;
    try {
      if (entry.kind === "blob") await store.blobs.delete(entry.repository, entry.digest);
      else await store.manifests.delete(entry.repository, entry.digest);
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
    await notes.drop(entry);
    await removeBytes?.(entry.digest);
    meter?.counter(PULL_THROUGH_INSTRUMENTS.evicted).with(reason).add();
    return true;
  }

  /** Distribution can go on with what is kept, should anybody go back to it. */
  async #saveState(entries: readonly CacheEntry[]): Promise<void> {
    const { driver, ttlMs } = this.#options;
    const expiries = entries.map((entry) => ({ ...entry, expiresAtMs: entry.usedAtMs + ttlMs }));
    await driver.putContent(SCHEDULER_STATE_PATH, renderSchedulerState(expiries));
  }
}

function isUnknown(error: unknown): boolean {
  return isStoreError(error, "blob_unknown") || isStoreError(error, "manifest_unknown");
}
