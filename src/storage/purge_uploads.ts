import type { Logger } from "@logtape/logtape";
import { toText } from "../base/bytes.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { deleteIfPresent, readIfPresent } from "./links.ts";
import { REPOSITORIES, ROOT } from "./paths.ts";

/** Options of {@linkcode purgeUploads}. */
export interface PurgeOptions {
  readonly log: Logger;
  /** Uploads that began before this time are removed, in milliseconds since the epoch. */
  readonly startedBeforeMs: number;
  /** Only tell what would be removed. */
  readonly dryRun: boolean;
  /** Ends the run between two uploads. */
  readonly signal: AbortSignal;
}

/** What a purge did. */
export interface PurgeResult {
  /** Uploads that were removed or, in a dry run, would have been. */
  readonly purged: number;
  /** Uploads that could not be looked at or removed; each is in the log. */
  readonly failed: number;
}

/**
 * Removes uploads that nobody has finished. One that cannot be looked at is logged and left, and
 * the run goes on; one whose start cannot be read is left as well.
 *
 * Source: reference of Distribution, "Upload purging".
 */
export async function purgeUploads(
  driver: StorageDriver,
  options: PurgeOptions,
): Promise<PurgeResult> {
  const { log, startedBeforeMs, dryRun, signal } = options;
  let purged = 0;
  let failed = 0;
  for await (const path of uploadFolders(driver)) {
    if (signal.aborted) break;
    try {
      const startedAtMs = await readStart(driver, path);
      if (startedAtMs === undefined || startedAtMs >= startedBeforeMs) continue;
      if (!dryRun) await deleteIfPresent(driver, path);
      log.info("purged upload", { path, dryRun, startedAt: new Date(startedAtMs).toISOString() });
      purged++;
    } catch (error) {
      log.error("could not purge upload", { path, error });
      failed++;
    }
  }
  const swept = dryRun || signal.aborted ? 0 : await driver.sweep?.(ROOT, startedBeforeMs) ?? 0;
  if (swept > 0) log.info("removed what unfinished uploads had left", { count: swept });
  return { purged, failed };
}

/** The folders of all uploads of all repositories. */
async function* uploadFolders(driver: StorageDriver): AsyncGenerator<string> {
  const walk = driver.walk(REPOSITORIES, { enter: ({ path }) => leadsToUploads(path) });
  try {
    for await (const { path, isDirectory } of walk) {
      if (isDirectory && isUpload(path)) yield path;
    }
  } catch (error) {
    if (!isPathNotFound(error)) throw error;
  }
}

/** Tells whether uploads may be somewhere below a folder. */
function leadsToUploads(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name === "_uploads" || !(name.startsWith("_") || isUpload(path));
}

/** Tells whether a folder is directly below an `_uploads`. */
function isUpload(path: string): boolean {
  return /\/_uploads\/[^/]+$/.test(path);
}

async function readStart(driver: StorageDriver, path: string): Promise<number | undefined> {
  const content = await readIfPresent(driver, `${path}/startedat`);
  const startedAtMs = content === undefined ? NaN : Date.parse(toText(content));
  return Number.isNaN(startedAtMs) ? undefined : startedAtMs;
}
