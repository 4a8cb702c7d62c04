import type { DescriptorCache } from "./cache.ts";
import type { MemoryDescriptorCacheOptions } from "./inmemory/cache.ts";
import type { RedisDescriptorCacheOptions } from "./redis/cache.ts";

/** What each kind of cache needs, by its name in the configuration. */
interface CacheOptions {
  readonly inmemory: MemoryDescriptorCacheOptions;
  readonly redis: RedisDescriptorCacheOptions;
}

/** The name of a kind of cache in the configuration. */
export type CacheName = keyof CacheOptions;

type Factories = {
  readonly [Name in CacheName]: (options: CacheOptions[Name]) => Promise<DescriptorCache>;
};

/** The kinds of descriptor caches. The code of one is loaded when it is chosen. */
const FACTORIES = {
  async inmemory(options) {
    const { MemoryDescriptorCache } = await import("./inmemory/cache.ts");
    return new MemoryDescriptorCache(options);
  },
  async redis(options) {
    const { RedisDescriptorCache } = await import("./redis/cache.ts");
    return new RedisDescriptorCache(options);
  },
} satisfies Factories;

/** Makes a cache of the kind that is named. */
export function createDescriptorCache<Name extends CacheName>(
  name: Name,
  options: CacheOptions[Name],
): Promise<DescriptorCache> {
  const factories: Factories = FACTORIES;
  return factories[name](options);
}
