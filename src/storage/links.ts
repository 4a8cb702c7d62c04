import type { Logger } from "@logtape/logtape";
import { toBytes, toText } from "../base/bytes.ts";
import { applyChanges, type Change, type StorageDriver } from "../drivers/driver.ts";
import { type Digest, isCanonical, isDigest } from "../oci/digest.ts";
import type { ContentDigests } from "./content_digester.ts";
import { deleteIfPresent, readIfPresent } from "./if_present.ts";
import type { Trash } from "./trash.ts";

/** Gives the path of the link to `digest` in `repository`; see `paths.ts`. */
export type LinkPath = (repository: string, digest: Digest) => string;

/** Which content is in which repository. */
export interface LinkIndex {
  /** The canonical digest of what `repository` holds as `digest`; `undefined`: it does not. */
  resolve(repository: string, digest: Digest): Promise<Digest | undefined>;
  /**
   * Puts content into `repository`, under both its digests.
   *
   * @param storing the changes that store it, which are made first. @default it is stored
   */
  add(repository: string, digests: ContentDigests, storing?: readonly Change[]): Promise<void>;
  /** Takes content out of `repository`; the canonical link goes first, and with it all aliases. */
  remove(repository: string, digests: ContentDigests): Promise<void>;
}

/**
 * Links: small files that put content into a repository.
 *
 * Content is stored under its canonical digest. A link under another digest of the same content
 * (an alias, such as its sha512) holds the canonical digest, as Distribution's does, and counts
 * only as long as the canonical link is there too: so removing that one removes them all.
 */
export class Links implements LinkIndex {
  readonly #driver: StorageDriver;
  readonly #path: LinkPath;
  readonly #log: Logger;
  readonly #trash: Trash | undefined;

  /** @param trash where links may be that were put aside; they are then brought back */
  constructor(driver: StorageDriver, path: LinkPath, log: Logger, trash?: Trash) {
    this.#driver = driver;
    this.#path = path;
    this.#log = log;
    this.#trash = trash;
  }

  async resolve(repository: string, digest: Digest): Promise<Digest | undefined> {
    const target = await this.#read(repository, digest);
    if (target === undefined || target === digest || isCanonical(digest)) return target;
    const canonical = await this.#read(repository, target);
    return canonical === target ? target : undefined;
  }

  async #read(repository: string, digest: Digest): Promise<Digest | undefined> {
    const path = this.#path(repository, digest);
    const target = await readLink(this.#driver, path, this.#log);
    if (target !== undefined || this.#trash === undefined) return target;
    // Once more even if nothing was there: somebody else may have brought it back meanwhile.
    await this.#trash.restore(path);
    return await readLink(this.#driver, path, this.#log);
  }

  async add(
    repository: string,
    { canonical, digest }: ContentDigests,
    storing: readonly Change[] = [],
  ): Promise<void> {
    const changes = [...storing];
    for (const name of new Set([canonical, digest])) {
      changes.push(...await toLink(this.#driver, this.#path(repository, name), canonical));
    }
    await applyChanges(this.#driver, changes);
  }

  async remove(repository: string, { canonical, digest }: ContentDigests): Promise<void> {
    await this.#remove(this.#path(repository, canonical));
    if (digest !== canonical) await this.#remove(this.#path(repository, digest));
  }

  async #remove(path: string): Promise<void> {
    await deleteIfPresent(this.#driver, path);
    await this.#trash?.empty(path);
  }
}

/**
 * Reads the digest that a link holds.
 *
 * @returns `undefined` where there is no link, or a damaged one: pushing again then mends it
 */
export async function readLink(
  driver: StorageDriver,
  path: string,
  log: Logger,
): Promise<Digest | undefined> {
  const content = await readIfPresent(driver, path);
  if (content === undefined) return undefined;
  const text = toText(content);
  if (isDigest(text)) return text;
  log.warn("ignored a damaged link", { path, content: text.slice(0, 200) });
  return undefined;
}

/** The change that makes a link; where looking is cheap, none if it is there already. */
export async function toLink(
  driver: StorageDriver,
  path: string,
  target: Digest,
): Promise<readonly Change[]> {
  if (!driver.isRemote) {
    const present = await readIfPresent(driver, path);
    if (present !== undefined && toText(present) === target) return [];
  }
  return [{ path, content: toBytes(target) }];
}
