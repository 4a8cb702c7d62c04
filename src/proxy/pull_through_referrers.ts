import { LRUCache } from "lru-cache";
import { Semaphore } from "../base/semaphore.ts";
import { SingleFlight } from "../base/single_flight.ts";
import { toText } from "../base/bytes.ts";
import { isClientError } from "../client/errors.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { StoreError } from "../storage/errors.ts";
import type { Page, ReferrersRequest, ReferrerStore } from "../storage/store.ts";
import type { Copies } from "./copies.ts";
import type { PullThroughManifests } from "./pull_through_manifests.ts";
import type { CopiedRepository } from "./upstream.ts";

/** Subjects whose freshness is in memory. */
const MAX_CHECKED = 10_000;
/** So many referrers of one subject are fetched, and so many at once. */
const MAX_REFERRERS = 1000;
const CONCURRENCY = 4;

/**
 * Referrers: the upstream's list is fetched with all that is on it, so that what is listed can be
 * had, also while the upstream is away.
 */
export class PullThroughReferrers implements ReferrerStore {
  readonly #copies: Copies;
  readonly #manifests: PullThroughManifests;
  readonly #checkedUntilMs = new LRUCache<string, number>({ max: MAX_CHECKED });
  readonly #flights = new SingleFlight<void>();

  constructor(copies: Copies, manifests: PullThroughManifests) {
    this.#copies = copies;
    this.#manifests = manifests;
  }

  async list(
    repository: string,
    subject: Digest,
    request: ReferrersRequest,
  ): Promise<Page<Descriptor>> {
    const { routes, own, store } = this.#copies;
    const place = routes.find(repository);
    if (place === undefined) return await own.referrers.list(repository, subject, request);
    const key = `${place.local}@${subject}`;
    await this.#flights.run(key, () => this.#update(place, { subject, key }));
    return await store.referrers.list(place.local, subject, request);
  }

  async #update(
    place: CopiedRepository,
    { subject, key }: { readonly subject: Digest; readonly key: string },
  ): Promise<void> {
    const { clock, settings, log } = this.#copies;
    if (clock.now() < (this.#checkedUntilMs.get(key) ?? 0)) return;
    try {
      const digests = await this.#ask(place, subject);
      const turns = new Semaphore(CONCURRENCY);
      await Promise.all(digests.map((digest) => turns.run(() => this.#fetch(place, digest))));
    } catch (error) {
      if (!isClientError(error) && !(error instanceof StoreError)) throw error;
      log.warn("listed the referrers that are here: the upstream does not tell its own", {
        "proxy.upstream": place.upstream.host,
        "vars.name": place.local,
        "error.message": error.message,
      });
    }
    this.#checkedUntilMs.set(key, clock.now() + settings.freshnessMs);
  }

  /** Source: OCI distribution specification, "Referrers tag schema", for registries without lists. */
  async #ask({ upstream, remote }: CopiedRepository, subject: Digest): Promise<readonly Digest[]> {
    let entries: readonly unknown[];
    try {
      entries = await upstream.client.listReferrers(remote, subject);
    } catch (error) {
      if (!isClientError(error, "not_found")) throw error;
      entries = await this.#askByTag({ upstream, remote, subject });
    }
    const digests = entries.map((entry) => String((entry as Partial<Descriptor> | null)?.digest));
    return digests.filter((digest) => isDigest(digest)).slice(0, MAX_REFERRERS);
  }

  async #askByTag(
    { upstream, remote, subject }: Pick<CopiedRepository, "upstream" | "remote"> & {
      readonly subject: Digest;
    },
  ): Promise<readonly unknown[]> {
    try {
      const tag = subject.replace(":", "-").slice(0, 128);
      const { bytes } = await upstream.client.getManifest(remote, tag);
      const { manifests } = JSON.parse(toText(bytes)) ?? {};
      return Array.isArray(manifests) ? manifests : [];
    } catch (error) {
      if (isClientError(error, "not_found") || error instanceof SyntaxError) return [];
      throw error;
    }
  }

  async #fetch(place: CopiedRepository, digest: Digest): Promise<void> {
    if (await this.#manifests.find(place, digest) !== undefined) return;
    await this.#manifests.fetch(place, digest);
  }
}
