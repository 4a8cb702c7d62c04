import type { Logger } from "@logtape/logtape";
import { toText } from "../base/bytes.ts";
import { type FileInfo, isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { deleteIfPresent, readIfPresent } from "./if_present.ts";
import { REPOSITORIES, ROOT } from "./paths.ts";
import { startOfUploadId } from "./upload_ids.ts";

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
  /** Uploads and folders that could not be looked at or removed; each is in the log. */
  readonly failed: number;
}

/**
 * Removes uploads that nobody has finished. One that cannot be looked at is logged and left, and
 * the run goes on; one whose start cannot be read is left as well, unless it is an empty folder.
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
  const withoutStart: string[] = [];
  const onUnreadable = (path: string, error: unknown) => {
    log.error("could not look for uploads", { [LOG_FIELDS.path]: path, error });
    failed++;
  };
  for await (const { path, modifiedAtMs } of uploadFolders(driver, onUnreadable)) {
    if (signal.aborted) break;
    try {
      const startedAtMs = await readStart(driver, path);
      if (startedAtMs === undefined && modifiedAtMs < startedBeforeMs) withoutStart.push(path);
      if (startedAtMs === undefined || startedAtMs >= startedBeforeMs) continue;
      if (!dryRun) await deleteIfPresent(driver, path);
      log.info(dryRun ? "would purge upload" : "purged upload", {
        [LOG_FIELDS.path]: path,
        [LOG_FIELDS.startedAt]: new Date(startedAtMs).toISOString(),
      });
      purged++;
    } catch (error) {
      log.error("could not purge upload", { [LOG_FIELDS.path]: path, error });
      failed++;
    }
  }
  if (dryRun || signal.aborted) return { purged, failed };
  const swept = await driver.sweep?.(ROOT, { startedBeforeMs, signal }) ?? 0;
  if (swept > 0) log.info("removed what unfinished uploads had left", { count: swept });
  // A registry that was killed while an upload began has left a folder with nothing in it.
  for (const path of withoutStart) await driver.removeEmptyFolders?.(path, ROOT);
  return { purged, failed };
}

/**
 * The folders of all uploads of all repositories. A folder that cannot be read is told and passed
 * over; whatever else keeps the storage from being walked is thrown.
 */
async function* uploadFolders(
  driver: StorageDriver,
  onUnreadable: (path: string, error: unknown) => void,
): AsyncGenerator<FileInfo> {
  const unreadable = new Set<string>();
  let last: string | undefined;
  for (;;) {
    let entered: string | undefined;
    const enter = ({ path }: FileInfo) => {
      if (unreadable.has(path) || !leadsToUploads(path)) return false;
      entered = path;
      return true;
    };
    try {
      const place = last === undefined ? {} : { startAfter: last };
      for await (const info of driver.walk(REPOSITORIES, { enter, ...place })) {
        last = info.path;
        if (info.isDirectory && isUpload(info.path)) yield info;
      }
      return;
    } catch (error) {
      if (isPathNotFound(error)) return;
      // The folder that was gone into last is the one that failed.
      if (entered === undefined) throw error;
      unreadable.add(entered);
      onUnreadable(entered, error);
    }
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
  if (content === undefined) return startOfUploadId(path.slice(path.lastIndexOf("/") + 1));
  const startedAtMs = Date.parse(toText(content));
  return Number.isNaN(startedAtMs) ? undefined : startedAtMs;
}
