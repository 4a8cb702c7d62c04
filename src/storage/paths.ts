/**
 * The layout of a registry in storage, byte for byte Distribution's:
 *
 * ```
 * /docker/registry/v2
 *   blobs/<alg>/<first two hex>/<hex>/data
 *   blobs/<alg>/<first two hex>/<hex>/link                (Stowage's own: another digest of a blob)
 *   repositories/<name>
 *     _layers/<alg>/<hex>/link
 *     _manifests/revisions/<alg>/<hex>/link
 *     _manifests/tags/<tag>/current/link
 *     _manifests/tags/<tag>/index/<alg>/<hex>/link
 *     _uploads/<id>/data
 *     _uploads/<id>/startedat                             (not of uploads that begin on a local disk)
 *     _referrers/indexed                                  (Stowage's own, ignored by Distribution)
 *     _referrers/<subject alg>/<subject hex>/<alg>/<hex>
 *   _trash/<path of a file>/<time>.<uuid>                 (Stowage's own: what a collector put aside)
 *   _collector/lease, _collector/state                    (Stowage's own: who collects, and when last)
 *   _damaged/<path of a file>                             (Stowage's own: what a repair put aside)
 * ```
 *
 * A link is a file that holds nothing but a digest.
 *
 * Source: reference of Distribution, "Path layout".
 *
 * @module
 */

import { type Digest, digestAlgorithm, digestHex } from "../oci/digest.ts";

/** The folder that everything is under. */
export const ROOT = "/docker/registry/v2";
/** The folder of all blobs. */
export const BLOBS = `${ROOT}/blobs`;
/** The folder of all repositories. */
export const REPOSITORIES = `${ROOT}/repositories`;

/** The folder of what a collector has put aside; see `trash.ts`. */
export const TRASH = `${ROOT}/_trash`;
/** The folder of what a repair has put aside; see `check_store.ts`. */
export const DAMAGED = `${ROOT}/_damaged`;
/** Who collects garbage at present. */
export const COLLECTOR_LEASE = `${ROOT}/_collector/lease`;
/** When garbage was last collected. */
export const COLLECTOR_STATE = `${ROOT}/_collector/state`;

/** The folder of one repository. */
export function repositoryPath(repository: string): string {
  return `${REPOSITORIES}/${repository}`;
}

/** The folder of a stored blob, or of the link from another digest of it. */
export function blobFolderPath(digest: Digest): string {
  const hex = digestHex(digest);
  return `${BLOBS}/${digestAlgorithm(digest)}/${hex.slice(0, 2)}/${hex}`;
}

/** The content of a stored blob. */
export function blobDataPath(digest: Digest): string {
  return `${blobFolderPath(digest)}/data`;
}

/** The link from another digest of stored content, such as its sha512, to the canonical one. */
export function blobAliasPath(digest: Digest): string {
  return `${blobFolderPath(digest)}/link`;
}

/** The folder of the links to a repository's blobs. */
export function layersPath(repository: string): string {
  return `${repositoryPath(repository)}/_layers`;
}

/** The link that puts a blob into a repository. */
export function layerLinkPath(repository: string, digest: Digest): string {
  return `${repositoryPath(repository)}/_layers/${digestPath(digest)}/link`;
}

/** The folder that makes a repository one that the catalog lists. */
export function manifestsPath(repository: string): string {
  return `${repositoryPath(repository)}/_manifests`;
}

/** The folder of a repository's manifests. */
export function revisionsPath(repository: string): string {
  return `${manifestsPath(repository)}/revisions`;
}

/** The link that puts a manifest into a repository. */
export function revisionLinkPath(repository: string, digest: Digest): string {
  return `${revisionsPath(repository)}/${digestPath(digest)}/link`;
}

/** The folder of a repository's tags. */
export function tagsPath(repository: string): string {
  return `${manifestsPath(repository)}/tags`;
}

/** The folder of one tag. */
export function tagPath(repository: string, tag: string): string {
  return `${tagsPath(repository)}/${tag}`;
}

/** The link to what a tag points at now. */
export function tagCurrentLinkPath(repository: string, tag: string): string {
  return `${tagPath(repository, tag)}/current/link`;
}

/** The link to something that a tag points or pointed at. */
export function tagIndexLinkPath(
  repository: string,
  tag: string,
  digest: Digest,
): string {
  return `${tagPath(repository, tag)}/index/${digestPath(digest)}/link`;
}

/** The folder of a repository's uploads. */
export function uploadsPath(repository: string): string {
  return `${repositoryPath(repository)}/_uploads`;
}

/** The folder of an upload. */
export function uploadPath(repository: string, id: string): string {
  return `${repositoryPath(repository)}/_uploads/${id}`;
}

/** What an upload has received so far. */
export function uploadDataPath(repository: string, id: string): string {
  return `${uploadPath(repository, id)}/data`;
}

/** When an upload began, in RFC 3339; see `upload_store.ts`. */
export function uploadStartedAtPath(repository: string, id: string): string {
  return `${uploadPath(repository, id)}/startedat`;
}

/** The file that tells since when the referrers of a repository are complete. */
export function referrersIndexedPath(repository: string): string {
  return `${repositoryPath(repository)}/_referrers/indexed`;
}

/** The folder of who refers to whom in a repository. */
export function allReferrersPath(repository: string): string {
  return `${repositoryPath(repository)}/_referrers`;
}

/** The folder of what refers to one subject. */
export function referrersPath(repository: string, subject: Digest): string {
  return `${repositoryPath(repository)}/_referrers/${digestPath(subject)}`;
}

/** The descriptor, as JSON, of one manifest that refers to `subject`. */
export function referrerPath(
  repository: string,
  subject: Digest,
  digest: Digest,
): string {
  return `${referrersPath(repository, subject)}/${digestPath(digest)}`;
}

function digestPath(digest: Digest): string {
  return `${digestAlgorithm(digest)}/${digestHex(digest)}`;
}
