import { isPathNotFound, type RedirectRequest } from "../drivers/driver.ts";
import type { Digest } from "../oci/digest.ts";
import type { BlobFiles } from "./blob_files.ts";
import { StoreError } from "./errors.ts";
import type { Links } from "./links.ts";
import type { BlobInfo, BlobPart, BlobStore, Content, MountOptions } from "./store.ts";

/** Blobs up to this size are read at once: a stream costs more than the bytes do. */
const SMALL_BLOB_BYTES = 64 * 1024;

/** What {@linkcode LinkedBlobStore} needs. */
export interface LinkedBlobStoreOptions {
  readonly files: BlobFiles;
  /** The links that put blobs into repositories. */
  readonly layers: Links;
  readonly deleteEnabled: boolean;
}

/**
 * Blobs that repositories link. Both the link and the file are looked at each time: a collector
 * that ran beside this program can then never make it promise what is gone.
 */
export class LinkedBlobStore implements BlobStore {
  readonly #files: BlobFiles;
  readonly #layers: Links;
  readonly #deleteEnabled: boolean;

  constructor(options: LinkedBlobStoreOptions) {
    this.#files = options.files;
    this.#layers = options.layers;
    this.#deleteEnabled = options.deleteEnabled;
  }

  async stat(repository: string, digest: Digest): Promise<BlobInfo> {
    return await this.#describe(digest, await this.#layers.resolve(repository, digest));
  }

  async open(blob: BlobInfo, part?: BlobPart): Promise<Content> {
    try {
      return await this.#read(blob, part);
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      throw new StoreError("blob_unknown", { digest: blob.digest }, { cause: error });
    }
  }

  redirectUrl(blob: BlobInfo, request: RedirectRequest): Promise<string | undefined> {
    return this.#files.redirectUrl(blob.canonical, request);
  }

  async mount(repository: string, digest: Digest, options: MountOptions): Promise<BlobInfo> {
    const { from, confirm } = options;
    const blob = from === undefined
      ? await this.#describe(digest, await this.#files.canonical(digest))
      : await this.stat(from, digest);
    await confirm?.();
    await this.#layers.add(repository, blob);
    return blob;
  }

  async delete(repository: string, digest: Digest): Promise<void> {
    if (!this.#deleteEnabled) throw new StoreError("delete_disabled", {});
    await this.#layers.remove(repository, await this.stat(repository, digest));
  }

  async #describe(digest: Digest, canonical: Digest | undefined): Promise<BlobInfo> {
    const sizeBytes = canonical && await this.#files.size(canonical);
    if (canonical === undefined || sizeBytes === undefined) {
      throw new StoreError("blob_unknown", { digest });
    }
    return { digest, canonical, sizeBytes };
  }

  async #read(blob: BlobInfo, part: BlobPart | undefined): Promise<Content> {
    if (part !== undefined || blob.sizeBytes > SMALL_BLOB_BYTES) {
      return await this.#files.open(blob.canonical, part);
    }
    const bytes = await this.#files.read(blob.canonical);
    if (bytes === undefined) throw new StoreError("blob_unknown", { digest: blob.digest });
    return bytes;
  }
}
