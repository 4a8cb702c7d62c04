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
const KEPT_BLOCKS = 12;

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

/** A flight that a repository has a part in. */
interface Arrival {
  readonly flight: BlobFlight;
  /** Length of the blob in bytes; `undefined`: not known before the end. */
  readonly sizeBytes: number | undefined;
  readonly place: CopiedRepository;
  /** The repository here that the blob is stored for; others link it afterwards. */
  readonly home: string;
  readonly digest: Digest;
}

/** Blobs that are fetched from an upstream when they are first asked for. */
export class PullThroughBlobs implements BlobStore {
  readonly #copies: Copies;
  readonly #counts: ProxyCounts | undefined;
  readonly #arrivals = new Map<string, Arrival>();
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
    await Promise.all([...this.#arrivals.values()].map(({ flight }) => flight.close()));
  }

  async #fetch(
    place: CopiedRepository,
    digest: Digest,
    { willRead = false }: StatOptions,
  ): Promise<BlobInfo> {
    const key = `${place.local}@${digest}`;
    const running = this.#arrivals.get(key);
    if (running !== undefined) return await describe(running);
    const linked = willRead ? await this.#linkStored(place, digest, key) : undefined;
    if (linked !== undefined) return linked;
    const joined = willRead ? await this.#join(place, digest, key) : undefined;
    if (joined !== undefined) return await describe(joined);
    const sizeBytes = (willRead ? this.#claimedSize(digest) : undefined) ??
      await this.#heads.run(key, () => this.#headSize(place, digest, key));
    if (!willRead && sizeBytes !== undefined) return { digest, canonical: digest, sizeBytes };
    // Meanwhile somebody else may have set out.
    const arrival = this.#arrivals.get(key) ?? this.#start(place, { digest, sizeBytes, key });
    return await describe(arrival);
  }

  /**
   * A blob that another repository of the upstream is being sent by it, once it says that this one
   * has it too; `undefined`: none is.
   */
  async #join(place: CopiedRepository, digest: Digest, key: string): Promise<Arrival | undefined> {
    const found = [...this.#arrivals.values()].find((arrival) =>
      arrival.digest === digest && arrival.place.upstream === place.upstream
    );
    if (found === undefined) return undefined;
    await this.#heads.run(key, () => this.#headSize(place, digest, key));
    const present = this.#arrivals.get(key);
    if (present !== undefined) return present;
    const arrival = { ...found, place };
    const { store } = this.#copies;
    const stored = found.flight.done.then(() =>
      store.blobs.mount(place.local, digest, { from: found.home })
    );
    this.#settle(arrival, { key, stored });
    return arrival;
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
    place: CopiedRepository,
    { digest, sizeBytes, key }: { digest: Digest; sizeBytes: number | undefined; key: string },
  ): Arrival {
    const { upstream, local, remote } = place;
    const { store, settings, timers, log } = this.#copies;
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
    const arrival = { flight, sizeBytes, place, home: local, digest };
    this.#settle(arrival, { key, stored: flight.done });
    return arrival;
  }

  /** Keeps an arrival until its blob is stored, or is not to be. */
  #settle(
    arrival: Arrival,
    { key, stored }: { readonly key: string; readonly stored: Promise<BlobInfo> },
  ): void {
    const { place: { local: repository }, digest } = arrival;
    this.#arrivals.set(key, arrival);
    stored.then(
      (blob) => this.#copies.notes.arrived({ kind: "blob", repository, digest }, blob.sizeBytes),
      (error) => {
        if (isStoreError(error, "upstream_failed") && error.detail.reason === "invalid_answer") {
          this.#distrusted.set(digest, true);
        }
      },
    ).finally(() => this.#arrivals.delete(key));
  }
}

async function describe({ flight, sizeBytes, digest }: Arrival): Promise<BlobInfo> {
  // A registry that does not tell the length is waited for.
  return sizeBytes === undefined ? await flight.done : new ArrivingBlob(flight, digest, sizeBytes);
}
