/**
 * The registry model: what a registry keeps, in the field's own terms.
 *
 * It knows repositories, blobs, manifests, tags, uploads and referrers; it knows neither HTTP nor
 * configuration nor who is asking. Each part is a contract of its own, so that behaviour can be
 * added by a wrapper (events, pull-through, limits) without touching what is below.
 *
 * What every implementation promises:
 * - **Presence.** Content is in a repository if and only if the repository links it. That the same
 *   bytes are stored for another repository never shows.
 * - **Order of a push.** Content is there before its link, and both are durable before a tag points
 *   at them, so a crash at any point leaves the old state or the new one. The loss of the machine
 *   may leave a link without its content, which counts as no link.
 * - **Identity.** Bytes are kept and given back exactly as they came.
 * - **Names.** Repository names and tags have been checked by the caller.
 *
 * @module
 */

import type { RedirectRequest } from "../drivers/driver.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest, DigestAlgorithm } from "../oci/digest.ts";

/** A blob in a repository. */
export interface BlobInfo {
  /** The digest that was asked for. */
  readonly digest: Digest;
  /** The digest under which the bytes are stored. */
  readonly canonical: Digest;
  readonly sizeBytes: number;
}

/** A part of a blob; without it the whole is meant. */
export interface BlobPart {
  /** First byte. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

/** Content on its way out: small content at once, large content as a stream. */
export type Content = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

/** The blobs of repositories. */
export interface BlobStore {
  /** @throws {StoreError} blob_unknown, upstream_failed */
  stat(repository: string, digest: Digest, options?: StatOptions): Promise<BlobInfo>;
  /**
   * Reads a blob that {@linkcode stat} has just given.
   * @throws {StoreError} blob_unknown: it is gone meanwhile
   */
  open(blob: BlobInfo, part?: BlobPart): Promise<Content>;
  /** Where the client may fetch the bytes itself; `undefined`: here. */
  redirectUrl(blob: BlobInfo, request: RedirectRequest): Promise<string | undefined>;
  /**
   * Links a blob that is stored already into `repository`.
   * @throws {StoreError} blob_unknown: `from` does not hold it or, without `from`, nobody does
   */
  mount(repository: string, digest: Digest, options: MountOptions): Promise<BlobInfo>;
  /**
   * Takes a blob out of a repository, under all its digests. The bytes stay for the collector.
   * @throws {StoreError} blob_unknown, delete_disabled
   */
  delete(repository: string, digest: Digest): Promise<void>;
}

/** Options of {@linkcode BlobStore.stat}. */
export interface StatOptions {
  /** Whether {@linkcode BlobStore.open} follows: what has to be fetched first may set out. */
  readonly willRead?: boolean;
}

/** Options of {@linkcode BlobStore.mount}. */
export interface MountOptions {
  /** The repository that must hold the blob. @default any */
  readonly from?: string;
  /** Is asked when the blob is known to be stored, before it is linked; what it throws ends it. */
  readonly confirm?: () => Promise<void>;
}

/** An upload that has begun and not ended. */
export interface Upload {
  readonly repository: string;
  /** Names the upload; cannot be guessed. */
  readonly id: string;
  /** Bytes received so far. */
  readonly sizeBytes: number;
  readonly startedAtMs: number;
}

/** A body on its way in. */
export interface IncomingContent {
  readonly stream: ReadableStream<Uint8Array>;
  /** Where its first byte belongs. @default where the upload stands */
  readonly offset?: number;
  /** Its announced length in bytes. @default unknown */
  readonly length?: number;
  /**
   * Is told when all of an upload that is being committed is known to be what its digest says, and
   * before it is durable; where the running digest was lost, nobody is. @default nobody is
   */
  readonly onVerified?: () => void;
}

/** Options of {@linkcode UploadStore.start}. */
export interface StartOptions {
  /** The algorithm of the digest that will be given at the end. @default sha256 */
  readonly algorithm?: DigestAlgorithm;
  /**
   * Names the upload, so that others who want the same find it; of letters, digits, `.`, `_` and
   * `-`, with a letter or digit first. @default one that cannot be guessed
   */
  readonly id?: string;
}

/** Blobs that are arriving. An upload may be continued by any thread or replica. */
export interface UploadStore {
  start(repository: string, options?: StartOptions): Promise<Upload>;
  /** @throws {StoreError} upload_unknown */
  find(repository: string, id: string): Promise<Upload>;
  /**
   * Appends content; one caller at a time, later ones wait. What arrived before an interruption
   * is kept.
   * @throws {StoreError} upload_unknown, range_mismatch, size_mismatch, upload_interrupted
   */
  append(upload: Upload, content: IncomingContent): Promise<Upload>;
  /**
   * Appends the last content, if any, and makes the upload a blob of the repository. After a
   * mismatch the upload goes on to exist, so that the client may try again.
   * @throws {StoreError} those of {@linkcode append}, digest_mismatch
   */
  commit(upload: Upload, digest: Digest, content?: IncomingContent): Promise<BlobInfo>;
  /** Ends an upload and forgets its content. */
  cancel(upload: Upload): Promise<void>;
  /**
   * Reads what has arrived, which nobody has verified. Not every storage shows a file before it is
   * whole.
   * @throws {StoreError} upload_unknown: it has ended, or nothing is to be seen
   */
  read(upload: Upload, part: BlobPart): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

/** A manifest as it was pushed. */
export interface StoredManifest {
  /** The digest that was asked for. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A manifest that is to be stored. */
export interface ManifestPush {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Media type that the client announced. */
  readonly mediaType: string;
  /** The digest that the bytes must have. @default their sha256 */
  readonly digest?: Digest;
  /** Tags that shall point at it. */
  readonly tags: readonly string[];
}

/** What became of a pushed manifest. */
export interface PushedManifest {
  readonly digest: Digest;
  /** The manifest that this one says something about. */
  readonly subject?: Digest;
}

/** The manifests of repositories. */
export interface ManifestStore {
  /** @throws {StoreError} manifest_unknown */
  get(repository: string, digest: Digest): Promise<StoredManifest>;
  /**
   * Stores a manifest, then points its tags at it.
   * @throws {ManifestError} it cannot be read as what it is said to be
   * @throws {StoreError} digest_mismatch, manifest_rejected
   */
  put(repository: string, push: ManifestPush): Promise<PushedManifest>;
  /**
   * Takes a manifest out of a repository, and every tag that points at it.
   * @returns the tags that went with it
   * @throws {StoreError} manifest_unknown, delete_disabled
   */
  delete(repository: string, digest: Digest): Promise<readonly string[]>;
}

/** Which part of a sorted listing is wanted. */
export interface PageRequest {
  /** At most so many entries. @default all */
  readonly limit?: number;
  /** Only entries that sort after this one; it need not exist. */
  readonly last?: string;
}

/** A part of a sorted listing. */
export interface Page<T = string> {
  readonly entries: readonly T[];
  /** Whether entries follow. */
  readonly more: boolean;
}

/** The tags of repositories. A tag is read from storage each time, so that replicas agree. */
export interface TagStore {
  /** @throws {StoreError} tag_unknown, upstream_failed */
  get(repository: string, tag: string): Promise<Digest>;
  /** What a client should know of the answer that {@linkcode get} just gave: that it may be old. */
  warning?(repository: string, tag: string): string | undefined;
  /** @throws {StoreError} tag_unknown, delete_disabled */
  delete(repository: string, tag: string): Promise<void>;
  /**
   * Lists tags in the order of their bytes.
   * @throws {StoreError} repository_unknown
   */
  list(repository: string, page: PageRequest): Promise<Page>;
}

/** Which referrers are wanted. */
export interface ReferrersRequest extends PageRequest {
  /** Only those of this artifact type. */
  readonly artifactType?: string;
}

/** Manifests that say something about another one: signatures, attestations, bills of material. */
export interface ReferrerStore {
  /** Lists what refers to `subject`, sorted by digest; nothing is no error. */
  list(
    repository: string,
    subject: Digest,
    request: ReferrersRequest,
  ): Promise<Page<Descriptor>>;
}

/** Which repositories are wanted. */
export interface CatalogRequest extends PageRequest {
  /** Leaves out every repository for which it is false, as if it were not there. @default none */
  readonly isVisible?: (repository: string) => boolean;
}

/** The names of the repositories that hold manifests. */
export interface Catalog {
  list(request: CatalogRequest): Promise<Page>;
}

/** Repositories as such. */
export interface RepositoryStore {
  /**
   * Removes a repository with its manifests, tags, referrers and uploads; those below it stay. The
   * bytes stay for the collector. Who pushes to it at the same time may have to push again.
   * @throws {StoreError} repository_unknown, delete_disabled
   */
  delete(repository: string): Promise<void>;
}

/** A whole registry. */
export interface RegistryStore {
  readonly blobs: BlobStore;
  readonly uploads: UploadStore;
  readonly manifests: ManifestStore;
  readonly tags: TagStore;
  readonly referrers: ReferrerStore;
  readonly catalog: Catalog;
  readonly repositories: RepositoryStore;
}
