import type { Logger } from "@logtape/logtape";
import type { RedisClient } from "../../redis/client.ts";
import type { CachedContent, CacheOutcome, DescriptorCache } from "../cache.ts";
import type { RedisOperation } from "../count_look_ups.ts";
import { CacheError } from "../errors.ts";
import { blobKey, manifestsKey, removedKey, repositoryBlobKey, repositoryKey } from "./keys.ts";

/** What a repository says of content that it knows only by its digest. Source: Distribution. */
const OCTETS = "application/octet-stream";

/**
 * For how long nothing is remembered of content that was removed, in milliseconds: longer than a
 * removal and the oldest look-up that may still be remembered take together.
 */
const REMOVED_MS = 10 * 60_000;

/** A look-up that took longer than this is not remembered, in milliseconds. */
const MAX_LOAD_MS = 60_000;

/** Remembers that a repository holds content, unless it was removed lately. */
const REMEMBER = `if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
for index = 2, #KEYS do redis.call('SADD', KEYS[index], ARGV[1]) end
return 1`;

/** Forgets that a repository holds content, and lets nobody remember it for some time. */
const REMOVE = `redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
redis.call('SREM', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
return 1`;

/** Options of {@linkcode RedisDescriptorCache}. */
export interface RedisDescriptorCacheOptions {
  readonly redis: RedisClient;
  readonly log: Logger;
  /** Longest wait before a removal is refused, in milliseconds; a look-up waits as `redis` does. */
  readonly removeTimeoutMs: number;
  /** Milliseconds from some fixed moment; never goes back. @default `performance.now` */
  readonly elapsedMs?: () => number;
  /** Is told of each look-up. @default nobody is */
  readonly observe?: (outcome: CacheOutcome) => void;
  /** Is told of each operation that succeeded. @default nobody is */
  readonly time?: (operation: RedisOperation, durationMs: number) => void;
}

/**
 * Descriptors in Redis, shared by any number of threads, replicas and Distribution's processes.
 *
 * A digest in the set of a repository says that the repository links it. Distribution does not tell
 * blobs from manifests there; a second set does, so that neither is taken for the other. A removal
 * is told before it happens: it leaves a mark for longer than any look-up lasts, and while the mark
 * is there nothing is remembered.
 */
export class RedisDescriptorCache implements DescriptorCache {
  readonly #redis: RedisClient;
  readonly #log: Logger;
  readonly #removeTimeoutMs: number;
  readonly #elapsedMs: () => number;
  readonly #observe: NonNullable<RedisDescriptorCacheOptions["observe"]>;
  readonly #time: NonNullable<RedisDescriptorCacheOptions["time"]>;

  constructor(options: RedisDescriptorCacheOptions) {
    this.#redis = options.redis;
    this.#log = options.log;
    this.#removeTimeoutMs = options.removeTimeoutMs;
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now());
    this.#observe = options.observe ?? (() => {});
    this.#time = options.time ?? (() => {});
  }

  async blobSize(content: CachedContent, load: () => Promise<number>): Promise<number> {
    const startedMs = this.#elapsedMs();
    const known = await this.#look(() => this.#findBlob(content), startedMs);
    if (known !== undefined && known !== "error") return known;
    const sizeBytes = await load();
    // A Redis that has just failed is not asked to remember.
    if (known === undefined) {
      await this.#remember(() => this.#setBlob(content, sizeBytes), startedMs);
    }
    return sizeBytes;
  }

  async hasManifest(content: CachedContent, load: () => Promise<boolean>): Promise<boolean> {
    const startedMs = this.#elapsedMs();
    const known = await this.#look(() => this.#findManifest(content), startedMs);
    if (known === true) return true;
    if (!await load()) return false;
    if (known === undefined) await this.#remember(() => this.#setManifest(content), startedMs);
    return true;
  }

  async remove<T>(content: CachedContent, task: () => Promise<T>): Promise<T> {
    try {
      await this.#markRemoved(content, this.#removeTimeoutMs);
    } catch (error) {
      throw new CacheError("unavailable", error);
    }
    return await task();
  }

  async forget(content: CachedContent): Promise<void> {
    try {
      await this.#markRemoved(content);
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  close(): void {
    this.#redis.close();
  }

  /** What `find` knows; `undefined` if nothing, `error` if Redis cannot be asked. */
  async #look<T>(
    find: () => Promise<T | undefined>,
    startedMs: number,
  ): Promise<T | undefined | "error"> {
    try {
      const known = await find();
      this.#time("RepoStat", this.#elapsedMs() - startedMs);
      this.#observe(known === undefined ? "miss" : "hit");
      return known;
    } catch (error) {
      this.#observe("error");
      this.#noteFailure(error);
      return "error";
    }
  }

  async #remember(set: () => Promise<unknown>, startedMs: number): Promise<void> {
    const beforeMs = this.#elapsedMs();
    if (beforeMs - startedMs > MAX_LOAD_MS) return;
    try {
      await set();
      this.#time("RepoSetDescriptor", this.#elapsedMs() - beforeMs);
    } catch (error) {
      this.#noteFailure(error);
    }
  }

  async #findBlob({ repository, digest }: CachedContent): Promise<number | undefined> {
    const [isHeld, isManifest, descriptor] = await Promise.all([
      this.#redis.send(["SISMEMBER", repositoryKey(repository), digest]),
      this.#redis.send(["SISMEMBER", manifestsKey(repository), digest]),
      this.#redis.send(["HMGET", blobKey(digest), "digest", "size"]),
    ]);
    if (Number(isHeld) !== 1 || Number(isManifest) !== 0 || !Array.isArray(descriptor)) {
      return undefined;
    }
    const [canonical, size]: readonly unknown[] = descriptor;
    return canonical === digest ? parseSize(size) : undefined;
  }

  async #findManifest({ repository, digest }: CachedContent): Promise<true | undefined> {
    const [isHeld, isManifest] = await Promise.all([
      this.#redis.send(["SISMEMBER", repositoryKey(repository), digest]),
      this.#redis.send(["SISMEMBER", manifestsKey(repository), digest]),
    ]);
    return Number(isHeld) === 1 && Number(isManifest) === 1 ? true : undefined;
  }

  async #setBlob(content: CachedContent, sizeBytes: number): Promise<void> {
    const { repository, digest } = content;
    const key = blobKey(digest);
    await Promise.all([
      this.#redis.send(["HSET", key, "digest", digest, "size", sizeBytes]),
      this.#redis.send(["HSETNX", key, "mediatype", OCTETS]),
      this.#redis.send(["HSET", repositoryBlobKey(content), "mediatype", OCTETS]),
    ]);
    // What the set promises is there by now.
    await this.#redis.send([
      ...["EVAL", REMEMBER, 2, removedKey(content), repositoryKey(repository)] as const,
      digest,
    ]);
  }

  #setManifest(content: CachedContent): Promise<unknown> {
    const { repository, digest } = content;
    const keys = [removedKey(content), repositoryKey(repository), manifestsKey(repository)];
    return this.#redis.send(["EVAL", REMEMBER, keys.length, ...keys, digest]);
  }

  #markRemoved(content: CachedContent, timeoutMs?: number): Promise<unknown> {
    const { repository, digest } = content;
    const keys = [removedKey(content), repositoryKey(repository), manifestsKey(repository)];
    return this.#redis.send(
      ["EVAL", REMOVE, keys.length, ...keys, digest, REMOVED_MS],
      timeoutMs === undefined ? {} : { timeoutMs },
    );
  }

  #noteFailure(error: unknown): void {
    this.#log.debug("descriptor cache failed", { error });
  }
}

/** A length in bytes as text; `undefined` where it is none. */
function parseSize(text: unknown): number | undefined {
  if (typeof text !== "string" || !/^\d{1,16}$/.test(text)) return undefined;
  return Number(text);
}
