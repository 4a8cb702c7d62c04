import type { Logger } from "@logtape/logtape";
import type { DescriptorCache } from "../cache/cache.ts";
import { countLookUps, timeOperations } from "../cache/count_look_ups.ts";
import { createDescriptorCache } from "../cache/factory.ts";
import { newGenerations } from "../cache/generations.ts";
import type { Config } from "../config/config.ts";
import { REDIS_INSTRUMENTS } from "../metrics/instruments/redis_instruments.ts";
import type { Meter } from "../metrics/meter.ts";
import { connectRedis } from "../redis/connect.ts";

/** Longest wait for Redis when a descriptor is looked up: the storage would have answered by then. */
const LOOK_UP_TIMEOUT_MS = 250;

/** Drivers that answer as fast as a cache would. */
const LOCAL_DRIVERS: readonly string[] = ["filesystem", "inmemory"];

/** Options of {@linkcode buildDescriptorCache}. */
export interface BuildDescriptorCacheOptions {
  readonly log: Logger;
  /** What the threads of this program share; see `newGenerations`. @default nothing is shared */
  readonly generations?: SharedArrayBuffer | undefined;
  /** Counts look-ups. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/**
 * The descriptor cache that the configuration asks for, where one helps.
 *
 * On a local disk it would not: looking is as fast, and never wrong. In memory it is right only while
 * no other program changes the storage, which only the operator can know.
 *
 * @throws {RedisError} a file of `redis.tls` cannot be read
 */
export async function buildDescriptorCache(
  { storage, redis }: Config,
  { log, generations, meter }: BuildDescriptorCacheOptions,
): Promise<DescriptorCache | undefined> {
  const { cache, driver } = storage;
  if (cache === undefined || LOCAL_DRIVERS.includes(driver.name)) return undefined;
  const watched = meter === undefined ? {} : { observe: countLookUps(meter) };
  if (cache.blobDescriptor === "redis" && redis !== undefined) {
    const connections = meter?.gauge(REDIS_INSTRUMENTS.connections).with();
    const onConnected = (isConnected: boolean) => connections?.set(isConnected ? 1 : 0);
    return await createDescriptorCache("redis", {
      redis: await connectRedis(redis, { log, onConnected, timeoutMs: LOOK_UP_TIMEOUT_MS }),
      log,
      removeTimeoutMs: redis.readTimeoutMs || 3000,
      ...meter === undefined ? {} : { time: timeOperations(meter) },
      ...watched,
    });
  }
  if (cache.blobDescriptor === "redis" || !cache.exclusive) return undefined;
  return await createDescriptorCache("inmemory", {
    maxEntries: cache.blobDescriptorSize,
    generations: generations ?? newGenerations(),
    ...watched,
  });
}
