/**
 * What of a cache is to go: what nobody has used for long, and what was used longest ago where all
 * of it is too much. Never what a manifest that stays still needs.
 *
 * @module
 */

import type { Digest } from "../oci/digest.ts";
import type { ContentNote } from "./cache_notes.ts";

/** Cached content, and what it needs. */
export interface CacheEntry extends ContentNote {
  /** What a manifest names; empty for a blob. */
  readonly needs: readonly Digest[];
}

/** Content that is to go. */
export interface Eviction {
  readonly entry: CacheEntry;
  readonly reason: "unused" | "size";
}

/** Limits of a cache. */
export interface CacheLimits {
  readonly nowMs: number;
  /** How long content that nobody uses is kept, in milliseconds; 0: for ever. */
  readonly ttlMs: number;
  /** Most bytes; 0: any number. */
  readonly maxSizeBytes: number;
}

/** Tells what is to go, in this order, and how many bytes stay. */
export function planEvictions(
  entries: readonly CacheEntry[],
  { nowMs, ttlMs, maxSizeBytes }: CacheLimits,
): { readonly evictions: readonly Eviction[]; readonly keptBytes: number } {
  const content = new CountedContent(entries);
  const evictions: Eviction[] = [];
  const isUnused = (entry: CacheEntry) => ttlMs > 0 && entry.usedAtMs + ttlMs <= nowMs;
  const isTooMuch = () => maxSizeBytes > 0 && content.sizeBytes > maxSizeBytes;
  // What needs goes before what is needed: so one pass frees a blob and the manifest that held it.
  const oldestFirst = [...entries].sort((a, b) => a.usedAtMs - b.usedAtMs || rank(a) - rank(b));
  const waiting = new Set(oldestFirst);
  for (let isDone = false; !isDone;) {
    isDone = true;
    for (const entry of waiting) {
      const reason = isUnused(entry) ? "unused" : isTooMuch() ? "size" : undefined;
      if (reason === undefined || content.isNeeded(entry)) continue;
      waiting.delete(entry);
      content.remove(entry);
      evictions.push({ entry, reason });
      // Something older may be free to go now.
      isDone = false;
      if (reason === "size") break;
    }
  }
  return { evictions, keptBytes: content.sizeBytes };
}

function rank({ kind, needs }: CacheEntry): number {
  return kind === "blob" ? 2 : needs.length > 0 ? 0 : 1;
}

/** Counts who needs what, and bytes that several repositories hold once. */
class CountedContent {
  sizeBytes = 0;
  readonly #needed = new Map<string, number>();
  readonly #holders = new Map<Digest, number>();

  constructor(entries: readonly CacheEntry[]) {
    for (const entry of entries) {
      for (const digest of entry.needs) add(this.#needed, `${entry.repository}@${digest}`, 1);
      if (add(this.#holders, entry.digest, 1) === 1) this.sizeBytes += entry.sizeBytes;
    }
  }

  isNeeded({ repository, digest }: CacheEntry): boolean {
    return (this.#needed.get(`${repository}@${digest}`) ?? 0) > 0;
  }

  remove(entry: CacheEntry): void {
    for (const digest of entry.needs) add(this.#needed, `${entry.repository}@${digest}`, -1);
    if (add(this.#holders, entry.digest, -1) === 0) this.sizeBytes -= entry.sizeBytes;
  }
}

function add<K>(counts: Map<K, number>, key: K, amount: number): number {
  const count = (counts.get(key) ?? 0) + amount;
  counts.set(key, count);
  return count;
}
