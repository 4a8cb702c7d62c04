import { LRUCache } from "lru-cache";
import { compareNames } from "../base/bytes.ts";
import { SingleFlight } from "../base/single_flight.ts";
import { isClientError } from "../client/errors.ts";
import { PULL_THROUGH_INSTRUMENTS } from "../metrics/instruments/pull_through_instruments.ts";
import type { Counter } from "../metrics/meter.ts";
import type { Digest } from "../oci/digest.ts";
import { isStoreError, StoreError } from "../storage/errors.ts";
import type { Page, PageRequest, TagStore } from "../storage/store.ts";
import type { Copies } from "./copies.ts";
import { pageOf } from "./page_of.ts";
import type { PullThroughManifests } from "./pull_through_manifests.ts";
import type { CopiedRepository } from "./upstream.ts";
import { fromClientError } from "./upstream_error.ts";

/** Tags, and lists of tags, whose freshness is in memory. */
const MAX_CHECKED = 50_000;
const MAX_LISTS = 500;

/** After the upstream failed it is not asked for the same tag so soon, in milliseconds. */
const AFTER_FAILURE_MS = 10_000;

interface Checked {
  readonly untilMs: number;
  readonly warning?: string;
}

interface KeptList {
  readonly tags: readonly string[];
  readonly untilMs: number;
}

/**
 * Tags that are compared with the upstream's from time to time. When that cannot be had, the ones
 * that are here stand, with a warning.
 */
export class PullThroughTags implements TagStore {
  readonly #copies: Copies;
  readonly #manifests: PullThroughManifests;
  readonly #stale: Counter | undefined;
  readonly #checked = new LRUCache<string, Checked>({ max: MAX_CHECKED });
  readonly #lists = new LRUCache<string, KeptList>({ max: MAX_LISTS });
  readonly #flights = new SingleFlight<Digest>();

  constructor(copies: Copies, manifests: PullThroughManifests) {
    this.#copies = copies;
    this.#manifests = manifests;
    this.#stale = copies.meter?.counter(PULL_THROUGH_INSTRUMENTS.stale).with();
  }

  async get(repository: string, tag: string): Promise<Digest> {
    const { routes, own, clock } = this.#copies;
    const place = routes.find(repository);
    if (place === undefined) return await own.tags.get(repository, tag);
    const key = tagKey(place, tag);
    const checked = this.#checked.get(key);
    if (checked !== undefined && clock.now() < checked.untilMs) {
      const kept = await this.#find(place, tag);
      if (kept !== undefined) {
        if (checked.warning !== undefined) this.#stale?.add();
        return kept;
      }
    }
    return await this.#flights.run(key, () => this.#check(place, tag));
  }

  warning(repository: string, tag: string): string | undefined {
    const place = this.#copies.routes.find(repository);
    return place && this.#checked.get(tagKey(place, tag))?.warning;
  }

  async delete(repository: string, tag: string): Promise<void> {
    const { routes, own } = this.#copies;
    if (routes.find(repository) !== undefined) {
      throw new StoreError("pull_through_only", { repository });
    }
    await own.tags.delete(repository, tag);
  }

  async list(repository: string, page: PageRequest): Promise<Page> {
    const { routes, own, store, settings } = this.#copies;
    const place = routes.find(repository);
    if (place === undefined) return await own.tags.list(repository, page);
    if (settings.listing === "cached") return await store.tags.list(place.local, page);
    const tags = await this.#listUpstream(place);
    return tags === undefined ? await store.tags.list(place.local, page) : pageOf(tags, page);
  }

  /** Compares a tag with the upstream's, unless another thread or replica just has. */
  async #check(place: CopiedRepository, tag: string): Promise<Digest> {
    const { notes, settings, clock } = this.#copies;
    const kept = await this.#find(place, tag);
    if (kept !== undefined && settings.freshnessMs > 0) {
      const untilMs = (await notes.checkedAtMs(place.local, tag) ?? 0) + settings.freshnessMs;
      if (clock.now() < untilMs) {
        this.#checked.set(tagKey(place, tag), { untilMs });
        return kept;
      }
    }
    try {
      const digest = await this.#ask(place, tag, kept);
      this.#checked.set(tagKey(place, tag), { untilMs: clock.now() + settings.freshnessMs });
      if (settings.freshnessMs > 0) notes.check(place.local, tag);
      return digest;
    } catch (error) {
      return this.#fallBack(error, { place, tag, kept });
    }
  }

  /** What the upstream says; its manifest is then here. */
  async #ask(place: CopiedRepository, tag: string, kept: Digest | undefined): Promise<Digest> {
    if (kept !== undefined) {
      const digest = await this.#head(place, tag);
      if (digest === kept) return kept;
      if (digest !== undefined) return (await this.#manifests.fetch(place, digest, tag)).digest;
    }
    return (await this.#manifests.fetch(place, tag, tag)).digest;
  }

  /** `undefined`: the upstream does not answer this question, and another may be tried. */
  async #head({ upstream, remote }: CopiedRepository, tag: string): Promise<Digest | undefined> {
    try {
      return await upstream.client.headManifest(remote, tag);
    } catch (error) {
      if (isClientError(error, "invalid_answer") || isClientError(error, "not_found")) {
        return undefined;
      }
      throw fromClientError(
        error,
        () => new StoreError("tag_unknown", { repository: remote, tag }),
      );
    }
  }

  /** Source: reference of Distribution, "Operations": any failure leaves the tag that is here. */
  #fallBack(
    error: unknown,
    { place, tag, kept }: { place: CopiedRepository; tag: string; kept: Digest | undefined },
  ): Digest {
    const { clock, settings, log } = this.#copies;
    const isUpstream = isStoreError(error, "upstream_failed");
    const isGone = isStoreError(error, "tag_unknown") || isStoreError(error, "manifest_unknown");
    if (kept === undefined || !(isUpstream || isGone)) throw error;
    const pauseMs = isUpstream
      ? (error.detail.retryAfterSeconds ?? 0) * 1000 ||
        Math.min(AFTER_FAILURE_MS, settings.freshnessMs)
      : settings.freshnessMs;
    const warning = isUpstream
      ? `This tag may be old: ${place.upstream.host} did not say what it is now`
      : `This tag is gone from ${place.upstream.host}: this is what it was`;
    this.#checked.set(tagKey(place, tag), { untilMs: clock.now() + pauseMs, warning });
    this.#stale?.add();
    const reason = isUpstream ? error.detail.message : "the tag is gone";
    log.warn("served a tag that may be old", {
      "proxy.upstream": place.upstream.host,
      "vars.name": place.local,
      "vars.reference": tag,
      "error.message": reason,
    });
    return kept;
  }

  async #find({ local }: CopiedRepository, tag: string): Promise<Digest | undefined> {
    try {
      return await this.#copies.store.tags.get(local, tag);
    } catch (error) {
      if (isStoreError(error, "tag_unknown")) return undefined;
      throw error;
    }
  }

  /** All tags of the upstream; `undefined` where it does not tell. */
  async #listUpstream(place: CopiedRepository): Promise<readonly string[] | undefined> {
    const { clock, settings, log } = this.#copies;
    const kept = this.#lists.get(place.local);
    if (kept !== undefined && clock.now() < kept.untilMs) return kept.tags;
    try {
      const listed = await place.upstream.client.listTags(place.remote);
      const tags = [...new Set(listed)].sort(compareNames);
      this.#lists.set(place.local, { tags, untilMs: clock.now() + settings.freshnessMs });
      return tags;
    } catch (error) {
      if (!isClientError(error)) throw error;
      log.warn("listed the tags that are here: the upstream does not tell its own", {
        "proxy.upstream": place.upstream.host,
        "vars.name": place.local,
        "error.message": error.message,
      });
      return undefined;
    }
  }
}

function tagKey({ local }: CopiedRepository, tag: string): string {
  return `${local}:${tag}`;
}
