import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { UploadPurgingConfig } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { UPLOAD_INSTRUMENTS } from "../metrics/instruments/upload_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { type PurgeResult, purgeUploads } from "../storage/purge_uploads.ts";

/** The first run comes after a random time below this: replicas then do not all start at once. */
const JITTER_MINUTES = 60;

const MS_PER_SECOND = 1000;

/** What {@linkcode UploadPurger} needs. */
export interface UploadPurgerOptions {
  readonly config: UploadPurgingConfig;
  readonly log: Logger;
  /** Gives a number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
  readonly timers?: Timers;
  readonly clock?: Clock;
  /** Counts runs and what they did. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/**
 * Purges abandoned uploads from time to time, in the background.
 *
 * Source: reference of Distribution, "Upload purging".
 */
export class UploadPurger {
  readonly #driver: StorageDriver;
  readonly #config: UploadPurgingConfig;
  readonly #log: Logger;
  readonly #timers: Timers;
  readonly #clock: Clock;
  readonly #meter: Meter | undefined;
  readonly #stop = new AbortController();
  #cancelTimer = () => {};

  constructor(driver: StorageDriver, options: UploadPurgerOptions) {
    this.#driver = driver;
    this.#config = options.config;
    this.#log = options.log;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#meter = options.meter;
    // At 0 from the start: an alert on a run that never came needs the series.
    this.#meter?.gauge(UPLOAD_INSTRUMENTS.purgedAt);
    const { random = Math.random } = options;
    if (this.#config.enabled) this.#runAfter(Math.floor(random() * JITTER_MINUTES) * 60_000);
  }

  /** Ends it, between two uploads where it is at work. */
  close(): void {
    this.#stop.abort();
    this.#cancelTimer();
  }

  #runAfter(delayMs: number): void {
    if (this.#stop.signal.aborted) return;
    this.#cancelTimer = this.#timers.after(delayMs, () => {
      this.#run().then(() => this.#runAfter(this.#config.intervalMs));
    });
  }

  async #run(): Promise<void> {
    const { ageMs, dryRun } = this.#config;
    const startedBeforeMs = this.#clock.now() - ageMs;
    this.#log.info("purging uploads", {
      [LOG_FIELDS.startedBefore]: new Date(startedBeforeMs).toISOString(),
      [LOG_FIELDS.dryRun]: dryRun,
    });
    try {
      const result = await purgeUploads(this.#driver, {
        log: this.#log,
        startedBeforeMs,
        dryRun,
        signal: this.#stop.signal,
      });
      this.#log.info("uploads are purged", {
        [LOG_FIELDS.purged]: result.purged,
        [LOG_FIELDS.failed]: result.failed,
        [LOG_FIELDS.dryRun]: dryRun,
      });
      this.#count(result);
    } catch (error) {
      this.#log.error("could not purge uploads", { error });
      this.#count(undefined);
    }
  }

  /** @param result what a run did; `undefined`: it failed as a whole */
  #count(result: PurgeResult | undefined): void {
    const meter = this.#meter;
    if (meter === undefined) return;
    meter.counter(UPLOAD_INSTRUMENTS.purgeRuns).with(result === undefined ? "failed" : "ok").add();
    if (result === undefined) return;
    const uploads = meter.counter(UPLOAD_INSTRUMENTS.purged);
    uploads.with(this.#config.dryRun ? "would_purge" : "purged").add(result.purged);
    uploads.with("failed").add(result.failed);
    const endedAtSeconds = Math.floor(this.#clock.now() / MS_PER_SECOND);
    meter.gauge(UPLOAD_INSTRUMENTS.purgedAt).with().set(endedAtSeconds);
  }
}
