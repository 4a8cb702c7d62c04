import type { Logger } from "@logtape/logtape";
import { toBytes, toText } from "../base/bytes.ts";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import type { Pacer } from "../base/pacer.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { GarbageCollectionConfig } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { COLLECTION_INSTRUMENTS } from "../metrics/instruments/collection_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { collectOnline, type OnlineSummary } from "../storage/collect_online.ts";
import { CollectorLease } from "../storage/collector_lease.ts";
import { readIfPresent } from "../storage/if_present.ts";
import { COLLECTOR_STATE } from "../storage/paths.ts";

/** A lease whose holder says nothing for so long is taken by another. */
const LEASE_MS = 60_000;

/** How often the holder of the lease says that it is at work. */
const RENEWAL_MS = LEASE_MS / 4;

/** After so long the collector lets others have the processor, in milliseconds. */
const SLICE_MS = 2;

/** How long it lets them have it, in milliseconds. */
const PAUSE_MS = 4;

/** The first run comes after a random time below this part of the interval: replicas spread. */
const JITTER = 0.1;

/** Calls of a remote storage that the collector has under way at once. */
const REMOTE_CONCURRENCY = 16;

const MS_PER_SECOND = 1000;

/** What {@linkcode GarbageCollector} needs. */
export interface GarbageCollectorOptions {
  readonly config: GarbageCollectionConfig;
  readonly log: Logger;
  /** Remembers what repositories hold; is told what they hold no more. @default nothing does */
  readonly cache?: DescriptorCache | undefined;
  /** Gives a number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
  readonly timers?: Timers;
  readonly clock?: Clock;
  /** Counts runs and what they did. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/**
 * Collects garbage from time to time, beside requests. Of several replicas the one does it that
 * takes the lease; all of them see from a file in the storage when it was last done.
 */
export class GarbageCollector {
  readonly #driver: StorageDriver;
  readonly #options: GarbageCollectorOptions;
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #lease: CollectorLease;
  readonly #stop = new AbortController();
  #cancelTimer = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(driver: StorageDriver, options: GarbageCollectorOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    const holder = crypto.randomUUID();
    this.#lease = new CollectorLease(driver, {
      holder,
      expiresAfterMs: LEASE_MS,
      clock: this.#clock,
    });
    const { config, random = Math.random, meter } = options;
    // At 0 from the start: an alert on a run that never came needs the series.
    if (config.enabled) meter?.gauge(COLLECTION_INSTRUMENTS.endedAt);
    if (config.enabled) this.#runAfter(random() * config.intervalMs * JITTER);
  }

  /** Ends it, between two files where it is at work; what it holds is then released. */
  async close(): Promise<void> {
    this.#stop.abort();
    this.#cancelTimer();
    await this.#running;
  }

  #runAfter(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#timers.after(delayMs, () => {
      this.#running = this.#runIfDue().then((nextMs) => this.#runAfter(nextMs));
    });
  }

  /** @returns when to look again, in milliseconds from now */
  async #runIfDue(): Promise<number> {
    const { intervalMs } = this.#options.config;
    const retryMs = Math.min(intervalMs, LEASE_MS / 2);
    try {
      const waitMs = await this.#dueInMs();
      if (waitMs > 0) return waitMs;
      if (!await this.#lease.take()) return retryMs;
      // Whoever had it before may just have ended.
      if (await this.#dueInMs() <= 0) await this.#runHeld();
      await this.#lease.release();
      return intervalMs;
    } catch (error) {
      if (this.#stop.signal.aborted) {
        await this.#lease.release().catch(() => {});
        return retryMs;
      }
      this.#options.log.error("could not collect garbage", { error });
      this.#count(undefined);
      return intervalMs;
    }
  }

  /** How long until the next run is due; the clocks of replicas matter to this alone. */
  async #dueInMs(): Promise<number> {
    const content = await readIfPresent(this.#driver, COLLECTOR_STATE);
    const endedAtMs = content === undefined ? NaN : Date.parse(toText(content));
    if (Number.isNaN(endedAtMs)) return 0;
    const { intervalMs } = this.#options.config;
    // A time that has not come yet was written by a clock that is wrong.
    return Math.min(endedAtMs + intervalMs - this.#clock.now(), intervalMs);
  }

  async #runHeld(): Promise<void> {
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#stop.signal, lost.signal]);
    const startedAtMs = this.#clock.now();
    const cancelRenewal = this.#renewUntilLost(lost);
    const { log, config } = this.#options;
    try {
      const offsetMs = await this.#lease.storageTimeMs() - startedAtMs;
      const summary = await collectOnline(this.#driver, {
        log,
        deleteUntagged: config.deleteUntagged,
        concurrency: this.#driver.isRemote === true ? REMOTE_CONCURRENCY : 1,
        graceMs: config.graceMs,
        now: () => this.#clock.now() + offsetMs,
        signal,
        pace: this.#pace(),
        cache: this.#options.cache,
      });
      const endedAt = new Date(this.#clock.now()).toISOString();
      await this.#driver.putContent(COLLECTOR_STATE, toBytes(endedAt));
      log.info("collected garbage", { ...summary, durationMs: this.#clock.now() - startedAtMs });
      this.#count(summary);
    } finally {
      cancelRenewal();
    }
  }

  /** Says that it is at work until the function is called that it gives. */
  #renewUntilLost(lost: AbortController): () => void {
    let cancel = () => {};
    let isOver = false;
    const renewLater = () => {
      cancel = this.#timers.after(RENEWAL_MS, async () => {
        const isHeld = await this.#lease.renew().catch(() => true);
        if (!isHeld) lost.abort(new Error("Cannot go on: another replica collects now"));
        else if (!isOver) renewLater();
      });
    };
    renewLater();
    return () => {
      isOver = true;
      cancel();
    };
  }

  /**
   * Storage on the machine answers at once: without pauses the collector would keep a processor busy
   * that requests need.
   */
  #pace(): Pacer {
    let sliceEndsAtMs = this.#clock.now() + SLICE_MS;
    return () => {
      if (this.#clock.now() < sliceEndsAtMs) return undefined;
      return new Promise((resolve) => {
        this.#timers.after(PAUSE_MS, () => {
          sliceEndsAtMs = this.#clock.now() + SLICE_MS;
          resolve();
        });
      });
    };
  }

  /** @param summary what a run did; `undefined`: it failed */
  #count(summary: OnlineSummary | undefined): void {
    const { meter } = this.#options;
    if (meter === undefined) return;
    const runs = meter.counter(COLLECTION_INSTRUMENTS.runs);
    runs.with(summary === undefined ? "failed" : "ok").add();
    if (summary === undefined) return;
    meter.counter(COLLECTION_INSTRUMENTS.blobs).with().add(summary.blobs);
    meter.counter(COLLECTION_INSTRUMENTS.bytes).with().add(summary.bytes);
    meter.counter(COLLECTION_INSTRUMENTS.restored).with().add(summary.restored);
    const endedAtSeconds = Math.floor(this.#clock.now() / MS_PER_SECOND);
    meter.gauge(COLLECTION_INSTRUMENTS.endedAt).with().set(endedAtSeconds);
  }
}
