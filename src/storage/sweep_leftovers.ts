import type { Logger } from "@logtape/logtape";
import type { StorageDriver } from "../drivers/driver.ts";
import { ROOT } from "./paths.ts";

/** Options of {@linkcode sweepLeftovers}. */
export interface SweepOptions {
  readonly log: Logger;
  /** What was last written at this time or later stays, in milliseconds since the epoch. */
  readonly writtenBeforeMs: number;
}

/**
 * Removes what writers that died have left. In a remote storage that may be an upload which goes on
 * tomorrow: purging decides about those.
 */
export async function sweepLeftovers(
  driver: StorageDriver,
  { log, writtenBeforeMs }: SweepOptions,
): Promise<void> {
  if (driver.isRemote === true) return;
  const count = await driver.sweep?.(ROOT, writtenBeforeMs) ?? 0;
  if (count > 0) log.info("removed what unfinished writes had left", { count });
}
