import type { Logger } from "@logtape/logtape";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { objectKey } from "../drivers/s3/object_key.ts";
import type { Config } from "../config/config.ts";

/**
 * Puts the storage middleware of the configuration around the driver.
 *
 * @throws {DriverError} unavailable: a middleware cannot work as it is configured
 */
export async function buildMiddleware(
  { middleware, storage }: Config,
  { driver, log }: { readonly driver: StorageDriver; readonly log: Logger },
): Promise<StorageDriver> {
  if (middleware.storage.length === 0) return driver;
  const { wrapDriver } = await import("../drivers/middleware/factory.ts");
  const { driver: config } = storage;
  return await wrapDriver(driver, middleware.storage, {
    log,
    clock: SYSTEM_CLOCK,
    timers: SYSTEM_TIMERS,
    fetch,
    ...config.name === "s3"
      ? { objectKey: (path: string) => objectKey(config.rootDirectory, path) }
      : {},
  });
}
