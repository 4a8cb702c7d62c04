import { LRUCache } from "lru-cache";
import type { CachedContent, CacheOutcome, DescriptorCache } from "../cache.ts";
import { Generations } from "../generations.ts";

/** Options of {@linkcode MemoryDescriptorCache}. */
export interface MemoryDescriptorCacheOptions {
  /** Most descriptors that are kept. 0: no bound. */
  readonly maxEntries: number;
  /** What {@linkcode newGenerations} gave, shared by all threads that change the storage. */
  readonly generations: SharedArrayBuffer;
  /** Is told of each look-up. @default nobody is */
  readonly observe?: (outcome: CacheOutcome) => void;
}

/** Something that was true in one generation of its digest. */
interface Entry<T> {
  readonly value: T;
  readonly generation: number;
}

/**
 * Remembers descriptors in the memory of this thread. It is right as long as every removal of any
 * program goes through a cache that shares its generations.
 */
export class MemoryDescriptorCache implements DescriptorCache {
  readonly #sizes: LRUCache<string, Entry<number>>;
  readonly #manifests: LRUCache<string, Entry<true>>;
  readonly #generations: Generations;
  readonly #observe: NonNullable<MemoryDescriptorCacheOptions["observe"]>;

  constructor({ maxEntries, generations, observe }: MemoryDescriptorCacheOptions) {
    this.#sizes = newLru(maxEntries);
    this.#manifests = newLru(maxEntries);
    this.#generations = new Generations(generations);
    this.#observe = observe ?? (() => {});
  }

  async blobSize(content: CachedContent, load: () => Promise<number>): Promise<number> {
    const generation = this.#generations.current(content.digest);
    const key = keyOf(content);
    const known = this.#find(this.#sizes.get(key), generation);
    if (known !== undefined) return known;
    const value = await load();
    this.#sizes.set(key, { value, generation });
    return value;
  }

  async hasManifest(content: CachedContent, load: () => Promise<boolean>): Promise<boolean> {
    const generation = this.#generations.current(content.digest);
    const key = keyOf(content);
    if (this.#find(this.#manifests.get(key), generation) !== undefined) return true;
    if (!await load()) return false;
    this.#manifests.set(key, { value: true, generation });
    return true;
  }

  async remove<T>({ digest }: CachedContent, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } finally {
      this.#generations.raise(digest);
    }
  }

  forget(content: CachedContent): Promise<void> {
    const key = keyOf(content);
    this.#sizes.delete(key);
    this.#manifests.delete(key);
    return Promise.resolve();
  }

  close(): void {
    this.#sizes.clear();
    this.#manifests.clear();
  }

  /** What an entry says, if nothing was removed since. */
  #find<T>(entry: Entry<T> | undefined, generation: number): T | undefined {
    const isTrue = entry?.generation === generation;
    this.#observe(isTrue ? "hit" : "miss");
    return isTrue ? entry.value : undefined;
  }
}

function newLru<T extends object>(maxEntries: number): LRUCache<string, T> {
  if (maxEntries > 0) return new LRUCache({ max: maxEntries });
  // Without any bound the library refuses to work.
  return new LRUCache({ maxSize: Number.MAX_SAFE_INTEGER, sizeCalculation: () => 1 });
}

function keyOf({ repository, digest }: CachedContent): string {
  return `${repository} ${digest}`;
}
