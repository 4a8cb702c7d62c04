import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { UploadPurgingConfig } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { purgeUploads } from "../storage/purge_uploads.ts";

/** The first run comes after a random time below this: replicas then do not all start at once. */
const JITTER_MINUTES = 60;

/** What {@linkcode UploadPurger} needs. */
export interface UploadPurgerOptions {
  readonly config: UploadPurgingConfig;
  readonly log: Logger;
  /** Gives a number from 0 to below 1. @default Math.random */
  readonly random?: () => number;
  readonly timers?: Timers;
  readonly clock?: Clock;
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
  readonly #stop = new AbortController();
  #cancelTimer = () => {};

  constructor(driver: StorageDriver, options: UploadPurgerOptions) {
    this.#driver = driver;
    this.#config = options.config;
    this.#log = options.log;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
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
    try {
      const result = await purgeUploads(this.#driver, {
        log: this.#log,
        startedBeforeMs: this.#clock.now() - ageMs,
        dryRun,
        signal: this.#stop.signal,
      });
      this.#log.info("purged uploads", { ...result, dryRun });
    } catch (error) {
      this.#log.error("could not purge uploads", { error });
    }
  }
}
