/**
 * What nobody needs, once it is known what is needed.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import type { Pacer } from "../base/pacer.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import { statIfPresent } from "./if_present.ts";
import { readLink } from "./links.ts";
import type { ContentMarker } from "./mark_content.ts";
import {
  allReferrersPath,
  blobAliasPath,
  blobDataPath,
  layerLinkPath,
  layersPath,
  referrerPath,
  referrersPath,
} from "./paths.ts";
import { listBlobs, listDigests } from "./stored_content.ts";

const NOTHING: ReadonlySet<string> = new Set();

/** What garbage is found with. */
export interface FindOptions {
  readonly driver: StorageDriver;
  readonly marker: ContentMarker;
  readonly log: Logger;
  /** Is waited for between two names, also of what is needed. @default nothing is */
  readonly pace?: Pacer | undefined;
}

/** A folder among the blobs that nothing needs. */
export interface GarbageBlob {
  readonly digest: Digest;
  /** Length of the content; `undefined` where there is none: an alias, or an empty folder. */
  readonly sizeBytes: number | undefined;
  /** When the content was stored, in milliseconds since the epoch; 0 where unknown. */
  readonly modifiedAtMs: number;
}

/** A small file in a repository that puts nothing into it. */
export interface GarbageLink {
  readonly repository: string;
  readonly digest: Digest;
  readonly path: string;
}

/** Looks at a folder among the blobs; `undefined`: it is needed. */
export async function examineBlob(
  digest: Digest,
  { driver, marker, log }: FindOptions,
): Promise<GarbageBlob | undefined> {
  if (marker.needed.has(digest)) return undefined;
  if (!isCanonical(digest)) {
    const canonical = await readLink(driver, blobAliasPath(digest), log);
    if (canonical !== undefined && marker.needed.has(canonical)) return undefined;
    return { digest, sizeBytes: undefined, modifiedAtMs: 0 };
  }
  const info = await statIfPresent(driver, blobDataPath(digest), { fileOnly: true });
  return { digest, sizeBytes: info?.sizeBytes, modifiedAtMs: info?.modifiedAtMs ?? 0 };
}

/** The folders among the blobs that may be garbage. */
export async function* findUnmarked(
  { driver, marker, pace }: FindOptions,
): AsyncGenerator<Digest> {
  for await (const digest of listBlobs(driver)) {
    await pace?.();
    if (!marker.needed.has(digest)) yield digest;
  }
}

/** The links of a repository to blobs that nothing needs. */
export async function* findLayerLinks(
  repository: string,
  { driver, marker, log, pace }: FindOptions,
): AsyncGenerator<GarbageLink> {
  for await (const digest of listDigests(driver, layersPath(repository))) {
    await pace?.();
    if (marker.needed.has(digest)) continue;
    const path = layerLinkPath(repository, digest);
    if (!isCanonical(digest)) {
      const canonical = await readLink(driver, path, log);
      if (canonical !== undefined && marker.needed.has(canonical)) continue;
    }
    // Where there are folders, what is left of a link that was removed is one.
    if (driver.removeEmptyFolders !== undefined && !await isPresent(driver, path)) continue;
    yield { repository, digest, path };
  }
}

/**
 * The entries of referrers whose manifest a repository does not link.
 *
 * @param leaving manifests that are about to go, as `<repository>@<digest>`
 */
export async function* findReferrerEntries(
  repository: string,
  { driver, marker, pace, leaving = NOTHING }: FindOptions & {
    readonly leaving?: ReadonlySet<string>;
  },
): AsyncGenerator<GarbageLink> {
  for await (const subject of listDigests(driver, allReferrersPath(repository))) {
    for await (const digest of listDigests(driver, referrersPath(repository, subject))) {
      await pace?.();
      const isLeaving = leaving.has(`${repository}@${digest}`);
      if (marker.hasSeen(repository, digest) && !isLeaving) continue;
      yield { repository, digest, path: referrerPath(repository, subject, digest) };
    }
  }
}

async function isPresent(driver: StorageDriver, path: string): Promise<boolean> {
  return await statIfPresent(driver, path, { fileOnly: true }) !== undefined;
}
