import { toBytes } from "../../src/base/bytes.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { collectGarbage, type GarbageSummary } from "../../src/storage/collect_garbage.ts";
import { collectOnline, type OnlineSummary } from "../../src/storage/collect_online.ts";
import { blobDataPath } from "../../src/storage/paths.ts";
import { statIfPresent } from "../../src/storage/if_present.ts";
import { OCI_INDEX, OCI_MANIFEST, type TestRegistry } from "../api/_registry.ts";
import { SILENT } from "./_doubles.ts";

/** How long garbage stays in these tests, in milliseconds. */
export const GRACE_MS = 3_600_000;

/** Collects with nobody else at work; `lines` takes what is printed. */
export function collect(
  driver: StorageDriver,
  options: { deleteUntagged?: boolean; dryRun?: boolean; lines?: string[] } = {},
): Promise<GarbageSummary> {
  const { deleteUntagged = false, dryRun = false, lines } = options;
  return collectGarbage(driver, {
    log: SILENT,
    deleteUntagged,
    dryRun,
    concurrency: 4,
    putAsideBeforeMs: Date.now() + GRACE_MS,
    signal: new AbortController().signal,
    print: lines === undefined ? undefined : (line) => void lines.push(line),
  });
}

/** Collects beside requests, so many graces from now. */
export function collectAt(
  driver: StorageDriver,
  graces: number,
  options: { deleteUntagged?: boolean; pace?: () => Promise<void> } = {},
): Promise<OnlineSummary> {
  return collectOnline(driver, {
    log: SILENT,
    deleteUntagged: options.deleteUntagged ?? false,
    concurrency: 2,
    graceMs: GRACE_MS,
    now: () => Date.now() + graces * GRACE_MS,
    signal: new AbortController().signal,
    pace: options.pace,
  });
}

/** Whether the content of a blob is where it belongs. */
export async function isStored(driver: StorageDriver, digest: Digest): Promise<boolean> {
  return await statIfPresent(driver, blobDataPath(digest)) !== undefined;
}

/** Tags an index of one manifest in `foo` as `all`. */
export async function pushIndex(
  registry: TestRegistry,
  { digest, bytes }: { readonly digest: Digest; readonly bytes: Uint8Array },
): Promise<void> {
  const index = toBytes(JSON.stringify({
    schemaVersion: 2,
    mediaType: OCI_INDEX,
    manifests: [{ mediaType: OCI_MANIFEST, digest, size: bytes.length }],
  }));
  await registry.putManifest("foo", "all", index, OCI_INDEX);
}
