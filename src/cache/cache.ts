/**
 * The descriptor cache: what is known of the content of repositories, so that storage that is far
 * away need not be asked each time.
 *
 * It is not a cache of content, and it never says that something is absent: what it does not know
 * is asked of the storage.
 *
 * What every implementation promises:
 * - **Truth.** Whatever it answers was true when it was asked: it answers that a repository holds
 *   content only if the storage said so and nobody who shares the cache has removed it since.
 *   {@linkcode DescriptorCache.remove} is how it learns of that; a look-up that began before a
 *   removal is not remembered after it.
 * - **Absence.** A cache that is away or slow makes nothing fail but removals, which could not be
 *   told to the others.
 *
 * Digests are canonical ones (sha256); content under another digest is not cached.
 *
 * @module
 */

import type { Digest } from "../oci/digest.ts";

/** Content in a repository. */
export interface CachedContent {
  readonly repository: string;
  /** The canonical digest. */
  readonly digest: Digest;
}

/** See the module's text. */
export interface DescriptorCache {
  /**
   * The length in bytes of a blob that a repository holds: what is remembered, or else what `load`
   * gives, which is then remembered.
   * @throws whatever `load` throws
   */
  blobSize(content: CachedContent, load: () => Promise<number>): Promise<number>;
  /**
   * Whether a repository holds a manifest: what is remembered, or else what `load` gives; only a
   * yes is remembered.
   * @throws whatever `load` throws
   */
  hasManifest(content: CachedContent, load: () => Promise<boolean>): Promise<boolean>;
  /**
   * Runs `task`, which takes content out of a repository, both as a blob and as a manifest. When
   * it has ended nobody who shares the cache is told any more that the content is there.
   * @throws {CacheError} unavailable: the others cannot be told; `task` was not run
   * @throws whatever `task` throws
   */
  remove<T>(content: CachedContent, task: () => Promise<T>): Promise<T>;
  /** Drops what is remembered of content that was found to be gone. */
  forget(content: CachedContent): Promise<void>;
  /** Releases what the cache holds; no call may follow. */
  close(): void;
}

/** What became of a look-up: `hit` and `miss` are answers, `error` is none. */
export type CacheOutcome = "hit" | "miss" | "error";
