import { type Digest, isDigest } from "../oci/digest.ts";
import type { FindOptions } from "./find_garbage.ts";
import { statIfPresent } from "./if_present.ts";
import { blobDataPath, ROOT } from "./paths.ts";
import { Trash, type TrashEntry } from "./trash.ts";

/** What {@linkcode settleTrash} needs. */
export interface SettleOptions extends FindOptions {
  readonly options: {
    /** What was put aside after this time stays. */
    readonly putAsideBeforeMs: number;
    readonly signal: AbortSignal;
  };
  /** Is called for each blob that is gone for good. */
  readonly onGone?: (digest: Digest, sizeBytes: number) => void;
}

/** What became of things that had been put aside. */
export interface Settled {
  /** Blobs that are gone for good. */
  readonly blobs: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** Links of manifests that are gone for good. */
  readonly manifests: number;
  /** Files that were brought back. */
  readonly restored: number;
}

const BLOB_REGEXP = new RegExp(`^${ROOT}/blobs/([^/]+)/[^/]+/([^/]+)/data$`);
const MANIFEST_REGEXP = new RegExp(
  `^${ROOT}/repositories/(.+)/_manifests/revisions/([^/]+)/([^/]+)/link$`,
);

/**
 * Decides about what collectors have put aside: content that is needed is brought back, what has
 * stood there for long enough goes, the rest stays. Small files that a collector put aside only to
 * look once more, and did not come to, are brought back: the next look finds them again.
 */
export async function settleTrash(options: SettleOptions): Promise<Settled> {
  const { driver, marker, pace, options: { putAsideBeforeMs, signal }, onGone } = options;
  const trash = new Trash(driver);
  const settled = { blobs: 0, bytes: 0, manifests: 0, restored: 0 };
  for await (const entry of trash.entries()) {
    if (signal.aborted) break;
    await pace?.();
    const digest = blobDigest(entry);
    const { 1: repository, 2: algorithm, 3: hex } = MANIFEST_REGEXP.exec(entry.original) ?? [];
    const isManifest = repository !== undefined;
    const isNeeded = isManifest
      ? marker.hasChild(repository, `${algorithm}:${hex}` as Digest)
      : digest !== undefined && marker.needed.has(digest);
    if (isNeeded || (digest === undefined && !isManifest)) {
      if (await bringBack(entry)) settled.restored++;
      continue;
    }
    if (entry.putAtMs >= putAsideBeforeMs || !await trash.removeCopy(entry)) continue;
    if (isManifest) settled.manifests++;
    if (digest === undefined) continue;
    settled.blobs++;
    settled.bytes += entry.sizeBytes;
    onGone?.(digest, entry.sizeBytes);
  }
  return settled;

  /** What is there again is not replaced. */
  async function bringBack(entry: TrashEntry): Promise<boolean> {
    const present = await statIfPresent(driver, entry.original, { fileOnly: true });
    if (present === undefined) return await trash.restoreCopy(entry);
    await trash.removeCopy(entry);
    return false;
  }
}

/** The blob that an entry is the content of. */
function blobDigest({ original }: TrashEntry): Digest | undefined {
  const { 1: algorithm, 2: hex } = BLOB_REGEXP.exec(original) ?? [];
  const digest = `${algorithm}:${hex}`;
  if (!isDigest(digest)) return undefined;
  return original === blobDataPath(digest) ? digest : undefined;
}
