import type { Logger } from "@logtape/logtape";
import type { Config } from "../config/config.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import type { HealthCheck } from "../health/check.ts";
import { HealthMonitor } from "../health/monitor.ts";
import { PROGRAM_INSTRUMENTS } from "../metrics/instruments/program_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { type EventDispatch, startDeliveries } from "./build_events.ts";
import { buildHealthChecks } from "./build_health.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { startCacheKeeper } from "./start_cache_keeper.ts";
import { UploadPurger } from "./upload_purger.ts";

/** The health checks that fail, with their reasons; `undefined` while none does. */
export type HealthFailures = Readonly<Record<string, string>> | undefined;

/** Options of {@linkcode Background}. */
export interface BackgroundOptions {
  readonly log: Logger;
  /** Is told of each change of the checks that fail. @default nobody is */
  readonly onFailures?: (failures: HealthFailures) => void;
  /** Remembers what repositories hold, for whoever answers requests. @default nothing does */
  readonly cache?: DescriptorCache | undefined;
  /** Counts what happens. @default nothing is counted */
  readonly meter?: Meter | undefined;
  /** The program's entry, from which a thread can begin. @default events are sent from this thread */
  readonly workerEntry?: string | undefined;
}

/**
 * What goes on beside requests, and once however many threads serve: health checks, purging,
 * collecting garbage, sending events, and keeping a pull-through cache within its limits.
 */
export class Background {
  readonly #health: HealthMonitor;
  readonly #purger: UploadPurger;
  readonly #cacheKeeper: { close(): void };
  readonly #collector: GarbageCollector;
  /** The outbox, whose events are sent; `undefined` where nobody wants any. */
  readonly events: EventDispatch | undefined;

  constructor(config: Config, driver: StorageDriver, options: BackgroundOptions) {
    const { log, onFailures, meter } = options;
    this.events = startDeliveries(config, { log, meter, workerEntry: options.workerEntry });
    const checks = buildHealthChecks(config, driver);
    this.#health = new HealthMonitor(checks, {
      log,
      ...onFailures === undefined ? {} : { onChange: onFailures },
    });
    const { uploadPurging, garbageCollection, readOnly } = config.storage.maintenance;
    const enabled = uploadPurging.enabled && !readOnly.enabled;
    this.#purger = new UploadPurger(driver, { config: { ...uploadPurging, enabled }, log, meter });
    this.#cacheKeeper = startCacheKeeper(config, driver, { log, meter, cache: options.cache });
    this.#collector = new GarbageCollector(driver, {
      config: {
        ...garbageCollection,
        enabled: garbageCollection.enabled && !readOnly.enabled,
      },
      log,
      meter,
      cache: options.cache,
    });
    meter?.gauge(PROGRAM_INSTRUMENTS.readOnly).with().set(readOnly.enabled ? 1 : 0);
    if (meter !== undefined) this.#measureHealth(meter, checks);
  }

  /** The health checks that fail now. */
  get failures(): HealthFailures {
    return this.#health.failures;
  }

  /** Ends it; what it was at is then over. */
  async close(): Promise<void> {
    this.#purger.close();
    this.#cacheKeeper.close();
    this.#health.close();
    await this.#collector.close();
    await this.events?.close();
  }

  #measureHealth(meter: Meter, checks: readonly HealthCheck[]): void {
    const family = meter.gauge(PROGRAM_INSTRUMENTS.healthCheck);
    const gauges = checks.map(({ name }) => ({ name, gauge: family.with(name) }));
    meter.beforeSnapshot(() => {
      for (const { name, gauge } of gauges) gauge.set(this.failures?.[name] === undefined ? 1 : 0);
    });
  }
}
