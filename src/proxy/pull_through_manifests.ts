import { LRUCache } from "lru-cache";
import { SingleFlight } from "../base/single_flight.ts";
import { type RemoteManifest } from "../client/registry_client.ts";
import { type Digest, digestAlgorithm, isDigest } from "../oci/digest.ts";
import { digestBytes } from "../oci/digester.ts";
import { type Manifest, ManifestError, parseManifest, readManifest } from "../oci/manifest.ts";
import { isManifestType } from "../oci/media_types.ts";
import { isStoreError, StoreError } from "../storage/errors.ts";
import type {
  ManifestPush,
  ManifestStore,
  PushedManifest,
  StoredManifest,
} from "../storage/store.ts";
import type { Copies } from "./copies.ts";
import { countServed, type ProxyCounts, proxyCounts } from "./proxy_counts.ts";
import type { CopiedRepository } from "./upstream.ts";
import { fromClientError, notVerified } from "./upstream_error.ts";

/** Fetched manifests that are remembered until they are asked for. */
const MAX_JUST_FETCHED = 1000;

/** Manifests that are fetched from an upstream when they are first asked for. */
export class PullThroughManifests implements ManifestStore {
  readonly #copies: Copies;
  readonly #counts: ProxyCounts | undefined;
  readonly #flights = new SingleFlight<StoredManifest>();
  /** Manifests that were just fetched by tag: whoever asked for the tag asks for them next. */
  readonly #justFetched = new LRUCache<string, true>({ max: MAX_JUST_FETCHED });

  constructor(copies: Copies) {
    this.#copies = copies;
    this.#counts = copies.meter && proxyCounts(copies.meter, "manifest");
  }

  async get(repository: string, digest: Digest): Promise<StoredManifest> {
    const { routes, own } = this.#copies;
    const place = routes.find(repository);
    if (place === undefined) return await own.manifests.get(repository, digest);
    const stored = await this.find(place, digest);
    const manifest = stored ?? await this.fetch(place, digest);
    const isHit = stored !== undefined && !this.#justFetched.delete(`${place.local}@${digest}`);
    countServed(this.#counts, { sizeBytes: manifest.bytes.byteLength, isHit });
    return manifest;
  }

  async put(repository: string, push: ManifestPush): Promise<PushedManifest> {
    const { routes, own } = this.#copies;
    if (routes.find(repository) === undefined) return await own.manifests.put(repository, push);
    // What is no manifest is refused for that: source, reference of Distribution, "Operations".
    parseManifest(push.bytes, push.mediaType);
    throw new StoreError("pull_through_only", { repository });
  }

  async delete(repository: string, digest: Digest): Promise<readonly string[]> {
    const { routes, own } = this.#copies;
    if (routes.find(repository) === undefined) {
      return await own.manifests.delete(repository, digest);
    }
    throw new StoreError("pull_through_only", { repository });
  }

  /** A manifest that is here; `undefined` for one that is not. */
  async find({ local }: CopiedRepository, digest: Digest): Promise<StoredManifest | undefined> {
    const { store, notes } = this.#copies;
    try {
      const manifest = await store.manifests.get(local, digest);
      notes.use({ kind: "manifest", repository: local, digest }, manifest.bytes.byteLength);
      return manifest;
    } catch (error) {
      if (isStoreError(error, "manifest_unknown")) return undefined;
      throw error;
    }
  }

  /**
   * Fetches a manifest, verifies and keeps it; by a tag, which then points at it.
   *
   * @throws {StoreError} manifest_unknown, tag_unknown, upstream_failed
   */
  async fetch(place: CopiedRepository, reference: string, tag?: string): Promise<StoredManifest> {
    const key = `${place.local} ${reference} ${tag ?? ""}`;
    return await this.#flights.run(key, () => this.#fetch(place, reference, tag));
  }

  async #fetch(
    place: CopiedRepository,
    reference: string,
    tag: string | undefined,
  ): Promise<StoredManifest> {
    const { store, missing, notes, claimedSizes } = this.#copies;
    const { upstream, local, remote } = place;
    const key = `${local}@${reference}`;
    const unknown = () =>
      isDigest(reference)
        ? new StoreError("manifest_unknown", { repository: local, digest: reference })
        : new StoreError("tag_unknown", { repository: local, tag: reference });
    if (missing.has(key)) throw unknown();
    let fetched: RemoteManifest;
    try {
      fetched = await upstream.client.getManifest(remote, reference);
    } catch (error) {
      const failure = fromClientError(error, unknown);
      if (!isStoreError(failure, "upstream_failed")) missing.add(key);
      throw failure;
    }
    const { bytes } = fetched;
    const manifest = readFetched(fetched, upstream.host);
    const { mediaType, config, layers } = manifest;
    const digest = isDigest(reference)
      ? digestBytes(bytes, digestAlgorithm(reference))
      : digestBytes(bytes);
    if (isDigest(reference) && digest !== reference) throw notVerified(upstream.host, reference);
    const tags = tag === undefined ? [] : [tag];
    await store.manifests.put(local, { bytes, mediaType, digest, tags });
    for (const descriptor of config === undefined ? layers : [config, ...layers]) {
      if (descriptor.size !== undefined) claimedSizes.set(descriptor.digest, descriptor.size);
    }
    notes.arrived({ kind: "manifest", repository: local, digest }, bytes.byteLength);
    if (tag !== undefined) this.#justFetched.set(`${local}@${digest}`, true);
    return { digest, mediaType, bytes };
  }
}

/** @throws {StoreError} upstream_failed: it is no manifest */
function readFetched({ bytes, mediaType }: RemoteManifest, host: string): Manifest {
  try {
    // Some registries call a manifest plain JSON; the document says more then.
    const type = isManifestType(mediaType) ? mediaType : readManifest(bytes).mediaType;
    return parseManifest(bytes, type);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    const message = `Cannot use the answer of "${host}": it is no manifest that can be kept`;
    throw new StoreError("upstream_failed", { reason: "invalid_answer", message }, { cause });
  }
}
