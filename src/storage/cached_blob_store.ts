import type { DescriptorCache } from "../cache/cache.ts";
import type { RedirectRequest } from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import { fromCacheError, isStoreError } from "./errors.ts";
import type { BlobInfo, BlobPart, BlobStore, Content, MountOptions } from "./store.ts";

/** A blob that was looked up in a repository. */
interface FoundBlob extends BlobInfo {
  readonly repository: string;
}

/** Blobs whose presence and length a cache remembers, for storage that is far away. */
export class CachedBlobStore implements BlobStore {
  readonly #store: BlobStore;
  readonly #cache: DescriptorCache;

  constructor(store: BlobStore, cache: DescriptorCache) {
    this.#store = store;
    this.#cache = cache;
  }

  async stat(repository: string, digest: Digest): Promise<BlobInfo> {
    // What is known by another digest too is rare, and has two links to be looked at.
    if (!isCanonical(digest)) return await this.#store.stat(repository, digest);
    const sizeBytes = await this.#cache.blobSize({ repository, digest }, async () => {
      const blob = await this.#store.stat(repository, digest);
      return blob.sizeBytes;
    });
    const found: FoundBlob = { repository, digest, canonical: digest, sizeBytes };
    return found;
  }

  async open(blob: BlobInfo, part?: BlobPart): Promise<Content> {
    try {
      return await this.#store.open(blob, part);
    } catch (error) {
      // Somebody else has removed the bytes, a collector perhaps.
      if (isStoreError(error, "blob_unknown") && isFound(blob)) await this.#cache.forget(blob);
      throw error;
    }
  }

  redirectUrl(blob: BlobInfo, request: RedirectRequest): Promise<string | undefined> {
    return this.#store.redirectUrl(blob, request);
  }

  mount(repository: string, digest: Digest, options: MountOptions): Promise<BlobInfo> {
    return this.#store.mount(repository, digest, options);
  }

  async delete(repository: string, digest: Digest): Promise<void> {
    const { canonical } = await this.#store.stat(repository, digest);
    try {
      const content = { repository, digest: canonical };
      await this.#cache.remove(content, () => this.#store.delete(repository, digest));
    } catch (error) {
      throw fromCacheError(error);
    }
  }
}

function isFound(blob: BlobInfo): blob is FoundBlob {
  return "repository" in blob;
}
