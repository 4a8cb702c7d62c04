import { forEachLimited } from "../base/for_each_limited.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import { BlobFiles } from "./blob_files.ts";
import {
  examineBlob,
  findLayerLinks,
  type FindOptions,
  findReferrerEntries,
  findUnmarked,
  type GarbageLink,
} from "./find_garbage.ts";
import { statIfPresent } from "./if_present.ts";
import { readLink } from "./links.ts";
import { ContentMarker, type MarkOptions } from "./mark_content.ts";
import {
  blobAliasPath,
  blobDataPath,
  blobFolderPath,
  BLOBS,
  REPOSITORIES,
  revisionLinkPath,
} from "./paths.ts";
import { settleTrash } from "./settle_trash.ts";
import { sweepLeftovers } from "./sweep_leftovers.ts";
import { Trash } from "./trash.ts";

/** Options of {@linkcode collectOnline}. */
export interface OnlineOptions extends Omit<MarkOptions, "print"> {
  /**
   * How long content is left that nobody needs, in milliseconds: longer than a push takes from being
   * told that a blob is there to its manifest, and longer than clocks differ.
   */
  readonly graceMs: number;
  /** The storage's time, in milliseconds since the epoch. */
  readonly now: () => number;
  /** Is told what repositories hold no more. @default nobody remembers what they hold */
  readonly cache?: DescriptorCache | undefined;
}

/** What a collection beside requests did. */
export interface OnlineSummary {
  readonly repositories: number;
  /** Content that is needed. */
  readonly marked: number;
  /** Blobs that were put aside, to go when the grace has passed. */
  readonly putAside: number;
  /** Links of untagged manifests that were put aside. */
  readonly manifestsPutAside: number;
  /** What had been put aside and turned out to be needed. */
  readonly restored: number;
  /** Blobs that are gone for good. */
  readonly blobs: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** Links of manifests that are gone for good. */
  readonly manifests: number;
  /** Links to blobs, and entries of referrers, that led nowhere. */
  readonly links: number;
}

/**
 * Collects garbage while others push and pull, in this program or another. `docs/collection.md`
 * tells why that harms nobody. In short: nothing is removed but what was put aside a grace ago under
 * a name of its own, was asked for by nobody since, and is needed by nothing now; whoever asks for
 * what was put aside brings it back by that.
 *
 * @throws {StoreError} content_damaged: a manifest cannot be read, so that nothing may go
 */
export async function collectOnline(
  driver: StorageDriver,
  options: OnlineOptions,
): Promise<OnlineSummary> {
  return await new OnlineCollection(driver, options).run();
}

class OnlineCollection {
  readonly #driver: StorageDriver;
  readonly #options: OnlineOptions;
  readonly #marker: ContentMarker;
  readonly #files: BlobFiles;
  readonly #find: FindOptions;
  readonly #trash: Trash;
  /** Blobs that this run has put aside. */
  readonly #putAside = new Set<Digest>();

  constructor(driver: StorageDriver, options: OnlineOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#marker = new ContentMarker(driver, { ...options, keepContent: true });
    this.#files = new BlobFiles(driver, options.log);
    this.#find = { driver, marker: this.#marker, log: options.log, pace: options.pace };
    this.#trash = new Trash(driver);
  }

  async run(): Promise<OnlineSummary> {
    const { log, signal, pace, now, graceMs } = this.#options;
    const changedBeforeMs = now() - graceMs;
    await this.#marker.mark();
    // What was pushed since the mark began counts as well; after this look very little is left to
    // be put aside and brought back.
    await this.#marker.markNew();
    signal.throwIfAborted();
    const settling = { putAsideBeforeMs: changedBeforeMs, signal };
    const settled = await settleTrash({ ...this.#find, options: settling });
    const manifestsPutAside = await this.#putManifestsAside(changedBeforeMs);
    await this.#putBlobsAside(changedBeforeMs);
    const restored = settled.restored + await this.#lookAgain();
    const links = await this.#removeDeadLinks();
    signal.throwIfAborted();
    const sweeping = { log, startedBeforeMs: changedBeforeMs, signal, pace };
    await sweepLeftovers(this.#driver, sweeping);
    signal.throwIfAborted();
    return {
      repositories: this.#marker.repositories.size,
      marked: this.#marker.needed.size,
      putAside: this.#putAside.size,
      manifestsPutAside,
      restored,
      blobs: settled.blobs,
      bytes: settled.bytes,
      manifests: settled.manifests,
      links,
    };
  }

  /** Their content stays needed until their links have gone for good. */
  async #putManifestsAside(changedBeforeMs: number): Promise<number> {
    let count = 0;
    await this.#each(this.#marker.untagged, async ({ repository, canonical }) => {
      const path = revisionLinkPath(repository, canonical);
      const link = await statIfPresent(this.#driver, path, { fileOnly: true });
      if (link === undefined || link.modifiedAtMs >= changedBeforeMs) return;
      const put = () => this.#trash.put(path, this.#options.now());
      const { cache } = this.#options;
      const isPut = cache === undefined
        ? await put()
        : await cache.remove({ repository, digest: canonical }, put);
      if (isPut) count++;
    });
    return count;
  }

  async #putBlobsAside(changedBeforeMs: number): Promise<void> {
    await this.#each(findUnmarked(this.#find), async (digest) => {
      const blob = await examineBlob(digest, this.#find);
      if (blob === undefined) return;
      if (blob.sizeBytes !== undefined) {
        if (blob.modifiedAtMs >= changedBeforeMs) return;
        if (await this.#trash.put(blobDataPath(digest), this.#options.now())) {
          this.#putAside.add(digest);
        }
      } else if (!isCanonical(digest)) {
        await this.#removeAlias(digest);
      }
      await this.#driver.removeEmptyFolders?.(blobFolderPath(digest), BLOBS);
    });
  }

  /** Brings back what manifests need that came while blobs were put aside; pulls need not do it. */
  async #lookAgain(): Promise<number> {
    await this.#marker.markNew();
    let restored = 0;
    for (const digest of this.#putAside) {
      if (!this.#marker.needed.has(digest)) continue;
      if (await this.#trash.restore(blobDataPath(digest))) restored++;
    }
    return restored;
  }

  /** Removes links that lead to nothing. */
  async #removeDeadLinks(): Promise<number> {
    let count = 0;
    for (const repository of this.#marker.repositories) {
      await this.#each(findLayerLinks(repository, this.#find), async (link) => {
        if (await this.#removeLayerLink(link)) count++;
      });
      await this.#each(findReferrerEntries(repository, this.#find), async ({ path, digest }) => {
        const isAlive = async () => {
          const link = revisionLinkPath(repository, digest);
          return await this.#exists(link) || (await this.#trash.copies(link)).length > 0;
        };
        // It is entered before its manifest is linked, so a young one is left alone.
        const info = await statIfPresent(this.#driver, path, { fileOnly: true });
        const youngAfterMs = this.#options.now() - this.#options.graceMs;
        if (info === undefined || info.modifiedAtMs >= youngAfterMs) return;
        if (await this.#removeUnless(path, isAlive)) count++;
      });
    }
    return count;
  }

  async #removeLayerLink({ repository, path, digest }: GarbageLink): Promise<boolean> {
    const canonical = isCanonical(digest)
      ? digest
      : await readLink(this.#driver, path, this.#options.log);
    const isAlive = async () => canonical !== undefined && await this.#isStored(canonical);
    const remove = () => this.#removeUnless(path, isAlive);
    const { cache } = this.#options;
    if (await isAlive()) return false;
    if (cache === undefined || canonical === undefined) return await remove();
    return await cache.remove({ repository, digest: canonical }, remove);
  }

  /**
   * Removes a small file unless something speaks for it: it is put aside, looked for what speaks for
   * it, and only then removed under its other name or brought back. Whoever writes what speaks for
   * it before the file itself, as all do, finds one of the two in place.
   */
  async #removeUnless(path: string, isAlive: () => Promise<boolean>): Promise<boolean> {
    if (await isAlive() || !await this.#trash.put(path, this.#options.now())) return false;
    if (await isAlive()) {
      await this.#trash.restore(path);
      return false;
    }
    await this.#trash.empty(path);
    const top = path.startsWith(`${BLOBS}/`) ? BLOBS : REPOSITORIES;
    await this.#driver.removeEmptyFolders?.(path.slice(0, path.lastIndexOf("/")), top);
    return true;
  }

  async #removeAlias(digest: Digest): Promise<void> {
    const canonical = await this.#files.canonical(digest);
    if (canonical === undefined) return;
    await this.#removeUnless(blobAliasPath(digest), () => this.#isStored(canonical));
  }

  /** Whether content is stored, or aside and may come back. */
  async #isStored(canonical: Digest): Promise<boolean> {
    const path = blobDataPath(canonical);
    return await this.#exists(path) || (await this.#trash.copies(path)).length > 0 ||
      await this.#exists(path);
  }

  async #exists(path: string): Promise<boolean> {
    return await statIfPresent(this.#driver, path, { fileOnly: true }) !== undefined;
  }

  #each<T>(items: Iterable<T> | AsyncIterable<T>, task: (item: T) => Promise<void>): Promise<void> {
    const { concurrency, signal } = this.#options;
    return forEachLimited(items, { limit: concurrency, signal, task });
  }
}
