import { Buffer } from "node:buffer";
import type { Logger } from "@logtape/logtape";
import {
  type Change,
  type FileWriter,
  isPathNotFound,
  type ReadOptions,
  type RedirectRequest,
  type StorageDriver,
} from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import type { ContentDigests } from "./content_digester.ts";
import { readIfPresent, statIfPresent } from "./if_present.ts";
import { readLink, toLink } from "./links.ts";
import { blobAliasPath, blobDataPath } from "./paths.ts";
import { Trash } from "./trash.ts";

/** How often a file that others bring back, and a collector puts aside again, is looked for. */
const ATTEMPTS = 4;

/** Content in a file of its own, in a folder of its own. */
export interface ContentFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** Holds the file and has yet to be committed. @default it was committed */
  readonly writer?: FileWriter | undefined;
}

/**
 * Stored content, one file for each canonical digest, whichever repositories link it.
 *
 * A file appears whole or not at all. Nothing here says who may see it: that is for links. A file
 * that a collector has put aside is brought back as soon as it is asked for.
 */
export class BlobFiles {
  readonly #driver: StorageDriver;
  readonly #log: Logger;
  readonly #trash: Trash;

  constructor(driver: StorageDriver, log: Logger) {
    this.#driver = driver;
    this.#log = log;
    this.#trash = new Trash(driver);
  }

  /** Length in bytes of what is stored under a canonical digest; `undefined`: nothing is. */
  async size(canonical: Digest): Promise<number | undefined> {
    return await this.#sizeNow(canonical) ??
      await this.#broughtBack(canonical, () => this.#sizeNow(canonical));
  }

  async #sizeNow(canonical: Digest): Promise<number | undefined> {
    const info = await statIfPresent(this.#driver, blobDataPath(canonical), {
      fileOnly: true,
    });
    return info === undefined || info.isDirectory ? undefined : info.sizeBytes;
  }

  /** The canonical digest of content that is known by `digest`, as far as anything tells. */
  async canonical(digest: Digest): Promise<Digest | undefined> {
    if (isCanonical(digest)) return digest;
    return await readLink(this.#driver, blobAliasPath(digest), this.#log);
  }

  /** The whole of some small content; `undefined` where it is not stored. */
  async read(canonical: Digest): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return await this.#readNow(canonical) ??
      await this.#broughtBack(canonical, () => this.#readNow(canonical));
  }

  #readNow(canonical: Digest): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return readIfPresent(this.#driver, blobDataPath(canonical));
  }

  /**
   * Content as a stream.
   * @throws {DriverError} path_not_found
   */
  async open(
    canonical: Digest,
    options?: ReadOptions,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const path = blobDataPath(canonical);
    try {
      return await this.#driver.reader(path, options);
    } catch (error) {
      if (!isPathNotFound(error) || await this.size(canonical) === undefined) throw error;
      return await this.#driver.reader(path, options);
    }
  }

  /** Where a client may fetch content itself. */
  redirectUrl(canonical: Digest, request: RedirectRequest): Promise<string | undefined> {
    return this.#driver.redirectUrl(blobDataPath(canonical), request);
  }

  /** The changes that store content from memory; what is there is left, where looking is cheap. */
  async toWrite(digests: ContentDigests, content: Uint8Array): Promise<readonly Change[]> {
    const { isRemote = false } = this.#driver;
    const stored = isRemote ? undefined : await this.#readNow(digests.canonical);
    const isStored = stored !== undefined && Buffer.compare(stored, content) === 0;
    const path = blobDataPath(digests.canonical);
    return [...isStored ? [] : [{ path, content }], ...await this.#toAlias(digests)];
  }

  /** The changes that store content from a file of its own, which may be removed afterwards. */
  async toAdopt(digests: ContentDigests, file: ContentFile): Promise<readonly Change[]> {
    const { path: source, sizeBytes, writer } = file;
    // A stored file of another length is the remains of a broken disk: the new one replaces it.
    const isStored = await this.#sizeNow(digests.canonical) === sizeBytes;
    if (isStored) await writer?.commit();
    const path = blobDataPath(digests.canonical);
    const move = { path, source, writer, withFolder: true };
    return [...isStored ? [] : [move], ...await this.#toAlias(digests)];
  }

  /** What `look` finds once the file has been brought back, by this caller or by another. */
  async #broughtBack<T>(
    canonical: Digest,
    look: () => Promise<T | undefined>,
  ): Promise<T | undefined> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const isBack = await this.#trash.restore(blobDataPath(canonical));
      const found = await look();
      if (found !== undefined || !isBack) return found;
    }
    return undefined;
  }

  async #toAlias({ canonical, digest }: ContentDigests): Promise<readonly Change[]> {
    if (digest === canonical) return [];
    return await toLink(this.#driver, blobAliasPath(digest), canonical);
  }
}
