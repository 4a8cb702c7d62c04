import { LRUCache } from "lru-cache";
import { SharedMutex } from "../base/shared_mutex.ts";
import { ALIAS_ALGORITHMS, type Digest, digestAlgorithm, isCanonical } from "../oci/digest.ts";
import { digestBytes } from "../oci/digester.ts";
import { type Manifest, ManifestError, parseManifest, readManifest } from "../oci/manifest.ts";
import type { BlobFiles } from "./blob_files.ts";
import type { ContentDigests } from "./content_digester.ts";
import { isStoreError, StoreError } from "./errors.ts";
import type { LinkIndex } from "./links.ts";
import { checkManifest, type ManifestRules } from "./manifest_rules.ts";
import type { ReferrerIndex } from "./referrer_store.ts";
import type {
  BlobStore,
  ManifestPush,
  ManifestStore,
  PushedManifest,
  StoredManifest,
} from "./store.ts";
import type { DriverTagStore } from "./tag_store.ts";

/** What {@linkcode LinkedManifestStore} needs. */
export interface LinkedManifestStoreOptions {
  readonly files: BlobFiles;
  /** The blobs that manifests may name. */
  readonly blobs: Pick<BlobStore, "stat">;
  /** The links that put manifests into repositories. */
  readonly revisions: LinkIndex;
  readonly tags: DriverTagStore;
  readonly referrers: ReferrerIndex;
  readonly rules: ManifestRules;
  readonly deleteEnabled: boolean;
  /** Is waited for after a manifest was taken out of a repository. @default nothing is */
  readonly onManifestRemoved?: (repository: string, digests: readonly Digest[]) => Promise<void>;
  /** Memory for manifests that were read, in bytes. 0: none is kept. */
  readonly cacheBytes: number;
}

/** A manifest in memory. Its digest says what it is, so it never grows old. */
interface CachedManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Manifests that repositories link. The link is looked at each time; the bytes, which cannot
 * change, are kept in memory.
 */
export class LinkedManifestStore implements ManifestStore {
  readonly #options: LinkedManifestStoreOptions;
  readonly #cache: LRUCache<Digest, CachedManifest> | undefined;
  /** A push and a delete of one repository never mix, so no tag is left that points at nothing. */
  readonly #turns = new SharedMutex();

  constructor(options: LinkedManifestStoreOptions) {
    this.#options = options;
    if (options.cacheBytes > 0) {
      this.#cache = new LRUCache({
        maxSize: options.cacheBytes,
        sizeCalculation: (manifest) => Math.max(1, manifest.bytes.byteLength),
      });
    }
  }

  async get(repository: string, digest: Digest): Promise<StoredManifest> {
    const canonical = await this.#options.revisions.resolve(repository, digest);
    const manifest = canonical && (this.#cache?.get(canonical) ?? await this.#load(canonical));
    if (manifest === undefined) throw new StoreError("manifest_unknown", { repository, digest });
    return { digest, mediaType: manifest.mediaType, bytes: manifest.bytes };
  }

  async put(repository: string, push: ManifestPush): Promise<PushedManifest> {
    const manifest = parseManifest(push.bytes, push.mediaType);
    const digests = digestPushed(push);
    const holds = (digest: Digest) => this.#holds(repository, digest);
    const problems = await checkManifest(manifest, { rules: this.#options.rules, holds });
    if (problems.length > 0) throw new StoreError("manifest_rejected", { problems });
    await this.#turns.share(repository, () => this.#store(repository, { push, manifest, digests }));
    this.#remember(digests.canonical, { mediaType: manifest.mediaType, bytes: push.bytes });
    const { subject } = manifest;
    return {
      digest: digests.digest,
      ...(subject === undefined ? {} : { subject: subject.digest }),
    };
  }

  async delete(repository: string, digest: Digest): Promise<readonly string[]> {
    const { revisions, tags, deleteEnabled } = this.#options;
    if (!deleteEnabled) throw new StoreError("delete_disabled", {});
    return await this.#turns.alone(repository, async () => {
      const canonical = await revisions.resolve(repository, digest);
      if (canonical === undefined) throw new StoreError("manifest_unknown", { repository, digest });
      const digests = await this.#everyDigest(canonical);
      const names = await tags.pointingAt(repository, digests);
      // The manifest goes last: a delete that was cut short can be repeated, and finds the rest.
      await tags.deletePointingAt(repository, { tags: names, digests });
      await revisions.remove(repository, { canonical, digest });
      await this.#options.onManifestRemoved?.(repository, [canonical, digest]);
      return names;
    });
  }

  async #store(
    repository: string,
    { push, manifest, digests }: {
      push: ManifestPush;
      manifest: Manifest;
      digests: ContentDigests;
    },
  ): Promise<void> {
    const { files, revisions, tags, referrers } = this.#options;
    const { bytes } = push;
    const referring = referrers.toAdd(repository, { manifest, digest: digests.digest, bytes });
    await revisions.add(repository, digests, [
      ...await files.toWrite(digests, bytes),
      ...referring,
    ]);
    // Only now: a tag must never be found to point at what was lost with the machine.
    for (const tag of push.tags) await tags.set(repository, tag, digests.digest);
  }

  async #holds(repository: string, digest: Digest): Promise<boolean> {
    const { blobs, files, revisions } = this.#options;
    try {
      await blobs.stat(repository, digest);
      return true;
    } catch (error) {
      if (!isStoreError(error, "blob_unknown")) throw error;
    }
    const canonical = await revisions.resolve(repository, digest);
    return canonical !== undefined && await files.size(canonical) !== undefined;
  }

  /** All the digests that a tag may know a manifest by. */
  async #everyDigest(canonical: Digest): Promise<ReadonlySet<Digest>> {
    const bytes = await this.#options.files.read(canonical);
    const aliases = bytes && ALIAS_ALGORITHMS.map((algorithm) => digestBytes(bytes, algorithm));
    return new Set([canonical, ...aliases ?? []]);
  }

  async #load(canonical: Digest): Promise<CachedManifest | undefined> {
    const bytes = await this.#options.files.read(canonical);
    if (bytes === undefined) return undefined;
    const manifest = { mediaType: readMediaType(canonical, bytes), bytes };
    this.#remember(canonical, manifest);
    return manifest;
  }

  #remember(canonical: Digest, manifest: CachedManifest): void {
    this.#cache?.set(canonical, manifest);
  }
}

/** @throws {StoreError} content_damaged: what is stored is no manifest, or another one */
function readMediaType(digest: Digest, bytes: Uint8Array): string {
  if (digestBytes(bytes) !== digest) throw new StoreError("content_damaged", { digest });
  try {
    return readManifest(bytes).mediaType;
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    throw new StoreError("content_damaged", { digest }, { cause });
  }
}

function digestPushed(push: ManifestPush): ContentDigests {
  const canonical = digestBytes(push.bytes);
  const expected = push.digest;
  if (expected === undefined) return { canonical, digest: canonical };
  const digest = isCanonical(expected)
    ? canonical
    : digestBytes(push.bytes, digestAlgorithm(expected));
  if (digest !== expected) throw new StoreError("digest_mismatch", { expected });
  return { canonical, digest };
}
