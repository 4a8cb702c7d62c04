/**
 * The keys of the descriptor cache in Redis. Those of blobs are Distribution's own, so that both
 * programs can share one Redis; Stowage's have the slot of the set of their repository, so that a
 * script may touch them together in a cluster.
 *
 * Source: reference of Distribution, "Descriptor cache".
 *
 * @module
 */

import type { Digest } from "../../oci/digest.ts";
import type { CachedContent } from "../cache.ts";

/** The hash of a digest's descriptor: `digest`, `size`, `mediatype`. */
export function blobKey(digest: Digest): string {
  return `blobs::${digest}`;
}

/** The set of digests that a repository holds. */
export function repositoryKey(repository: string): string {
  return `repository::${repository}::blobs`;
}

/** The hash of what a repository says of a digest: `mediatype`. */
export function repositoryBlobKey({ repository, digest }: CachedContent): string {
  return `${repositoryKey(repository)}::${digest}`;
}

/** Stowage's own: the set of those digests of a repository that are manifests. */
export function manifestsKey(repository: string): string {
  return `{${repositoryKey(repository)}}::manifests`;
}

/** Stowage's own: exists for some time after a digest was removed from a repository. */
export function removedKey({ repository, digest }: CachedContent): string {
  return `{${repositoryKey(repository)}}::removed::${digest}`;
}
