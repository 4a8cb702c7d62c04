/**
 * What is known of cached content beside the content: when it was last used, and when a tag was
 * last compared with the upstream's. Small files of their own, which all threads and replicas
 * share, in a folder that Distribution and collectors ignore:
 *
 * ```
 * /stowage/pulled/<repository>/_blobs/<alg>/<hex>       {"usedAt":"…","sizeBytes":…}
 * /stowage/pulled/<repository>/_manifests/<alg>/<hex>   the same
 * /stowage/pulled/<repository>/_tags/<tag>              {"checkedAt":"…"}
 * ```
 *
 * Losing them loses nothing: content without a note gets one when it is next used, or when the
 * cache is next tidied.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { toBytes, toText } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { type Digest, isDigest } from "../oci/digest.ts";

/** A piece of cached content. */
export interface CachedContent {
  readonly kind: "blob" | "manifest";
  readonly repository: string;
  readonly digest: Digest;
}

/** A piece of cached content, and what its note says. */
export interface ContentNote extends CachedContent {
  readonly usedAtMs: number;
  readonly sizeBytes: number;
}

/** Options of {@linkcode CacheNotes}. */
export interface CacheNotesOptions {
  readonly driver: StorageDriver;
  readonly clock: Clock;
  readonly log: Logger;
  /** Uses that follow each other within this time are one, in milliseconds. */
  readonly resolutionMs: number;
}

const ROOT = "/stowage/pulled";
const NOTE_PATH_REGEXP = /^\/stowage\/pulled\/(.+)\/_(blobs|manifests)\/([a-z0-9]+)\/([0-9a-f]+)$/;
/** Contents whose last noted use is in memory. */
const MAX_RECENT = 50_000;

/** Keeps notes on cached content. */
export class CacheNotes {
  readonly #options: CacheNotesOptions;
  readonly #recent = new LRUCache<string, number>({ max: MAX_RECENT });
  readonly #writing = new Set<Promise<void>>();

  constructor(options: CacheNotesOptions) {
    this.#options = options;
  }

  /** Notes a use, in the background. */
  use(content: CachedContent, sizeBytes: number): void {
    const { clock, resolutionMs } = this.#options;
    const nowMs = clock.now();
    const path = notePath(content);
    if (nowMs - (this.#recent.get(path) ?? -Infinity) < resolutionMs) return;
    this.#recent.set(path, nowMs);
    this.#write(path, { usedAt: new Date(nowMs).toISOString(), sizeBytes });
  }

  /** Notes content that has just come, whatever was noted before it was last removed. */
  arrived(content: CachedContent, sizeBytes: number): void {
    this.#recent.delete(notePath(content));
    this.use(content, sizeBytes);
  }

  /** Writes a note as it is. */
  async set(note: ContentNote): Promise<void> {
    const usedAt = new Date(note.usedAtMs).toISOString();
    const content = toBytes(JSON.stringify({ usedAt, sizeBytes: note.sizeBytes }));
    await this.#options.driver.putContent(notePath(note), content);
  }

  /** Drops the note on content that is gone. */
  async drop(content: CachedContent): Promise<void> {
    const path = notePath(content);
    this.#recent.delete(path);
    try {
      await this.#options.driver.delete(path);
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
    }
  }

  /** All notes on content. */
  async *list(): AsyncGenerator<ContentNote, void, void> {
    try {
      for await (const { path, isDirectory } of this.#options.driver.walk(ROOT)) {
        const content = isDirectory ? undefined : parseNotePath(path);
        const note = content && await this.get(content);
        if (note !== undefined) yield note;
      }
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
    }
  }

  /** The note on some content; `undefined` where there is none that can be read. */
  async get(content: CachedContent): Promise<ContentNote | undefined> {
    const { usedAt, sizeBytes } = await this.#read(notePath(content));
    const usedAtMs = Date.parse(String(usedAt));
    if (Number.isNaN(usedAtMs)) return undefined;
    return { ...content, usedAtMs, sizeBytes: Number(sizeBytes) || 0 };
  }

  /** When a tag was last compared with the upstream's; `undefined`: nobody knows. */
  async checkedAtMs(repository: string, tag: string): Promise<number | undefined> {
    const { checkedAt } = await this.#read(tagPath(repository, tag));
    const atMs = Date.parse(String(checkedAt));
    return Number.isNaN(atMs) ? undefined : atMs;
  }

  /** Notes, in the background, that a tag was compared with the upstream's. */
  check(repository: string, tag: string): void {
    const checkedAt = new Date(this.#options.clock.now()).toISOString();
    this.#write(tagPath(repository, tag), { checkedAt });
  }

  /** A note that cannot be written is a use that is forgotten, and no more. */
  #write(path: string, note: unknown): void {
    const { driver, log } = this.#options;
    const content = toBytes(JSON.stringify(note));
    const writing = driver.putContent(path, content, { durable: false }).catch((error) => {
      log.warn("could not note the use of cached content", { path, error });
    }).finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Waits for what is being written. */
  async settle(): Promise<void> {
    await Promise.all(this.#writing);
  }

  async #read(path: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      return JSON.parse(toText(await this.#options.driver.getContent(path))) ?? {};
    } catch (error) {
      if (isPathNotFound(error) || error instanceof SyntaxError) return {};
      throw error;
    }
  }
}

function notePath({ kind, repository, digest }: CachedContent): string {
  return `${ROOT}/${repository}/_${kind}s/${digest.replace(":", "/")}`;
}

function tagPath(repository: string, tag: string): string {
  return `${ROOT}/${repository}/_tags/${tag}`;
}

function parseNotePath(path: string): CachedContent | undefined {
  const [, repository, folder, algorithm, hex] = NOTE_PATH_REGEXP.exec(path) ?? [];
  const digest = `${algorithm}:${hex}`;
  if (repository === undefined || !isDigest(digest)) return undefined;
  return { kind: folder === "blobs" ? "blob" : "manifest", repository, digest };
}
