import type { Logger } from "@logtape/logtape";
import type { StorageDriver, SweepOptions } from "../drivers/driver.ts";
import { ROOT } from "./paths.ts";

/** Options of {@linkcode sweepLeftovers}. */
export interface LeftoverOptions extends SweepOptions {
  readonly log: Logger;
}

/**
 * Removes what writers that died have left. In a remote storage that may be an upload which goes on
 * tomorrow: purging decides about those.
 */
export async function sweepLeftovers(
  driver: StorageDriver,
  { log, ...options }: LeftoverOptions,
): Promise<void> {
  if (driver.isRemote === true) return;
  const count = await driver.sweep?.(ROOT, options) ?? 0;
  if (count > 0) log.info("removed what unfinished writes had left", { count });
}
