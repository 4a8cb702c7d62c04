import type { DescriptorCache } from "../cache/cache.ts";
import type { Change } from "../drivers/driver.ts";
import { type Digest, isCanonical } from "../oci/digest.ts";
import type { ContentDigests } from "./content_digester.ts";
import { fromCacheError } from "./errors.ts";
import type { LinkIndex } from "./links.ts";

/** The links of manifests, which a cache remembers, for storage that is far away. */
export class CachedManifestLinks implements LinkIndex {
  readonly #links: LinkIndex;
  readonly #cache: DescriptorCache;

  constructor(links: LinkIndex, cache: DescriptorCache) {
    this.#links = links;
    this.#cache = cache;
  }

  async resolve(repository: string, digest: Digest): Promise<Digest | undefined> {
    if (!isCanonical(digest)) return await this.#links.resolve(repository, digest);
    const isHeld = await this.#cache.hasManifest({ repository, digest }, async () => {
      return await this.#links.resolve(repository, digest) === digest;
    });
    return isHeld ? digest : undefined;
  }

  add(
    repository: string,
    digests: ContentDigests,
    storing?: readonly Change[],
  ): Promise<void> {
    return this.#links.add(repository, digests, storing);
  }

  async remove(repository: string, digests: ContentDigests): Promise<void> {
    const content = { repository, digest: digests.canonical };
    try {
      await this.#cache.remove(content, () => this.#links.remove(repository, digests));
    } catch (error) {
      throw fromCacheError(error);
    }
  }
}
