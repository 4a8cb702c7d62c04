import type { Logger } from "@logtape/logtape";
import type { Config } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { HealthMonitor } from "../health/monitor.ts";
import { buildHealthChecks } from "./build_health.ts";
import { UploadPurger } from "./upload_purger.ts";

/** The health checks that fail, with their reasons; `undefined` while none does. */
export type HealthFailures = Readonly<Record<string, string>> | undefined;

/** Options of {@linkcode Background}. */
export interface BackgroundOptions {
  readonly log: Logger;
  /** Is told of each change of the checks that fail. @default nobody is */
  readonly onFailures?: (failures: HealthFailures) => void;
}

/** What goes on beside requests, and once however many threads serve: health checks and purging. */
export class Background {
  readonly #health: HealthMonitor;
  readonly #purger: UploadPurger;

  constructor(config: Config, driver: StorageDriver, options: BackgroundOptions) {
    const { log, onFailures } = options;
    this.#health = new HealthMonitor(buildHealthChecks(config, driver), {
      log,
      ...onFailures === undefined ? {} : { onChange: onFailures },
    });
    const { uploadPurging, readOnly } = config.storage.maintenance;
    const enabled = uploadPurging.enabled && !readOnly.enabled;
    this.#purger = new UploadPurger(driver, { config: { ...uploadPurging, enabled }, log });
  }

  /** The health checks that fail now. */
  get failures(): HealthFailures {
    return this.#health.failures;
  }

  /** Ends it. */
  close(): void {
    this.#purger.close();
    this.#health.close();
  }
}
