import { LRUCache } from "lru-cache";
import { SingleFlight } from "../base/single_flight.ts";
import type { RedirectRequest } from "../drivers/driver.ts";
import type { Digest } from "../oci/digest.ts";
import { isStoreError, StoreError } from "../storage/errors.ts";
import type {
  BlobInfo,
  BlobPart,
  BlobStore,
  Content,
  MountOptions,
  StatOptions,
} from "../storage/store.ts";
import { BlobFlight } from "./blob_flight.ts";
import { BlockMemory } from "./block_memory.ts";
import type { Copies } from "./copies.ts";
import { countServed, type ProxyCounts, proxyCounts } from "./proxy_counts.ts";
import type { CopiedRepository } from "./upstream.ts";
import { fromClientError } from "./upstream_error.ts";

/** Blobs that came wrong and are remembered. */
const MAX_DISTRUSTED = 1000;

/** So much of the blobs on their way stays in memory for those who keep up, in blocks. */
const KEPT_BLOCKS = 24;

/** A blob that is on its way. */
class ArrivingBlob implements BlobInfo {
  readonly canonical: Digest;

  constructor(
    readonly flight: BlobFlight,
    readonly digest: Digest,
    readonly sizeBytes: number,
  ) {
    this.canonical = digest;
  }
}

/** Blobs that are fetched from an upstream when they are first asked for. */
export class PullThroughBlobs implements BlobStore {
  readonly #copies: Copies;
  readonly #counts: ProxyCounts | undefined;
  readonly #flights = new Map<string, { flight: BlobFlight; sizeBytes: number | undefined }>();
  readonly #heads = new SingleFlight<number | undefined>();
  readonly #memory = new BlockMemory(KEPT_BLOCKS);
  /** What came wrong is passed on only when all of it is verified. */
  readonly #distrusted = new LRUCache<Digest, true>({ max: MAX_DISTRUSTED });

  constructor(copies: Copies) {
    this.#copies = copies;
    this.#counts = copies.meter && proxyCounts(copies.meter, "blob");
  }

  async stat(repository: string, digest: Digest, options: StatOptions = {}): Promise<BlobInfo> {
    const { routes, own, store, notes } = this.#copies;
    const place = routes.find(repository);
    if (place === undefined) return await own.blobs.stat(repository, digest, options);
    try {
      const blob = await store.blobs.stat(place.local, digest);
      notes.use({ kind: "blob", repository: place.local, digest }, blob.sizeBytes);
      countServed(this.#counts, { sizeBytes: blob.sizeBytes, isHit: true });
      return blob;
    } catch (error) {
      if (!isStoreError(error, "blob_unknown")) throw error;
    }
    const blob = await this.#fetch(place, digest, options);
    countServed(this.#counts, { sizeBytes: blob.sizeBytes, isHit: false });
    return blob;
  }

  async open(blob: BlobInfo, part?: BlobPart): Promise<Content> {
    if (blob instanceof ArrivingBlob) return await blob.flight.open(part);
    return await this.#copies.store.blobs.open(blob, part);
  }

  redirectUrl(blob: BlobInfo, request: RedirectRequest): Promise<string | undefined> {
    if (blob instanceof ArrivingBlob) return Promise.resolve(undefined);
    return this.#copies.store.blobs.redirectUrl(blob, request);
  }

  async mount(repository: string, digest: Digest, options: MountOptions): Promise<BlobInfo> {
    const { routes, own } = this.#copies;
    if (routes.find(repository) !== undefined) {
      throw new StoreError("pull_through_only", { repository });
    }
    const { from } = options;
    // Rights were asked for the name that the client gave: another name of a copy is none here.
    if (from !== undefined && (routes.find(from)?.local ?? from) !== from) {
      throw new StoreError("blob_unknown", { digest });
    }
    return await own.blobs.mount(repository, digest, options);
  }

  async delete(repository: string, digest: Digest): Promise<void> {
    const { routes, own } = this.#copies;
    if (routes.find(repository) !== undefined) {
      throw new StoreError("pull_through_only", { repository });
    }
    await own.blobs.delete(repository, digest);
  }

  /** Ends what is on its way. */
  async close(): Promise<void> {
    await Promise.all([...this.#flights.values()].map(({ flight }) => flight.close()));
  }

  async #fetch(
    place: CopiedRepository,
    digest: Digest,
    { willRead = false }: StatOptions,
  ): Promise<BlobInfo> {
    const key = `${place.local}@${digest}`;
    const running = this.#flights.get(key);
    if (running !== undefined) return await describe(running, digest);
    const linked = willRead ? await this.#linkStored(place, digest, key) : undefined;
    if (linked !== undefined) return linked;
    const sizeBytes = (willRead ? this.#claimedSize(digest) : undefined) ??
      await this.#heads.run(key, () => this.#headSize(place, digest, key));
    if (!willRead && sizeBytes !== undefined) return { digest, canonical: digest, sizeBytes };
    // Meanwhile somebody else may have set out.
    const flight = this.#flights.get(key) ?? this.#start(place, { digest, sizeBytes, key });
    return await describe(flight, digest);
  }

  /** A blob that another repository has brought here, once the upstream says that this one has it. */
  async #linkStored(
    place: CopiedRepository,
    digest: Digest,
    key: string,
  ): Promise<BlobInfo | undefined> {
    const { store, notes } = this.#copies;
    const confirm = async () => {
      await this.#heads.run(key, () => this.#headSize(place, digest, key));
    };
    try {
      const blob = await store.blobs.mount(place.local, digest, { confirm });
      notes.arrived({ kind: "blob", repository: place.local, digest }, blob.sizeBytes);
      return blob;
    } catch (error) {
      if (!isStoreError(error, "blob_unknown")) throw error;
      return undefined;
    }
  }

  /** What a manifest says will do for whoever reads, as the blob comes from the same registry. */
  #claimedSize(digest: Digest): number | undefined {
    return this.#distrusted.has(digest) ? undefined : this.#copies.claimedSizes.get(digest);
  }

  async #headSize(
    { upstream, remote }: CopiedRepository,
    digest: Digest,
    key: string,
  ): Promise<number | undefined> {
    const { missing } = this.#copies;
    const unknown = () => new StoreError("blob_unknown", { digest });
    if (missing.has(key)) throw unknown();
    try {
      return await upstream.client.headBlob(remote, digest);
    } catch (error) {
      const failure = fromClientError(error, unknown);
      if (isStoreError(failure, "blob_unknown")) missing.add(key);
      throw failure;
    }
  }

  #start(
    { upstream, local, remote }: CopiedRepository,
    { digest, sizeBytes, key }: { digest: Digest; sizeBytes: number | undefined; key: string },
  ): { flight: BlobFlight; sizeBytes: number | undefined } {
    const { store, settings, timers, log, notes } = this.#copies;
    const flight = new BlobFlight({
      store,
      repository: local,
      digest,
      sizeBytes,
      trusted: !this.#distrusted.has(digest),
      fetch: (offset, signal) => upstream.client.getBlob(remote, digest, { offset, signal }),
      host: upstream.host,
      abandonAfterMs: settings.abandonAfterMs,
      memory: this.#memory,
      timers,
      log,
    });
    const entry = { flight, sizeBytes };
    this.#flights.set(key, entry);
    flight.done.then(
      (blob) => notes.arrived({ kind: "blob", repository: local, digest }, blob.sizeBytes),
      (error) => {
        if (isStoreError(error, "upstream_failed") && error.detail.reason === "invalid_answer") {
          this.#distrusted.set(digest, true);
        }
      },
    ).finally(() => this.#flights.delete(key));
    return entry;
  }
}

async function describe(
  { flight, sizeBytes }: { flight: BlobFlight; sizeBytes: number | undefined },
  digest: Digest,
): Promise<BlobInfo> {
  // A registry that does not tell the length is waited for.
  return sizeBytes === undefined ? await flight.done : new ArrivingBlob(flight, digest, sizeBytes);
}
