import type { Logger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import { compareNames, toBytes, toText } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { SingleFlight } from "../base/single_flight.ts";
import {
  applyChanges,
  type Change,
  isPathNotFound,
  type StorageDriver,
} from "../drivers/driver.ts";
import { type Descriptor, parseDescriptor } from "../oci/descriptor.ts";
import { type Digest, isCanonical, isDigest } from "../oci/digest.ts";
import { type Manifest, readManifest } from "../oci/manifest.ts";
import type { BlobFiles } from "./blob_files.ts";
import { readIfPresent, statIfPresent } from "./if_present.ts";
import type { Links } from "./links.ts";
import {
  referrerPath,
  referrersIndexedPath,
  referrersPath,
  revisionLinkPath,
  revisionsPath,
} from "./paths.ts";
import type { Page, ReferrersRequest, ReferrerStore } from "./store.ts";

/** Manifests that changed so shortly before the last look are looked at again: clocks differ. */
const CLOCK_SLACK_MS = 24 * 3_600_000;

/** Known manifests that are remembered, of all repositories together; one takes some 130 bytes. */
const MAX_KNOWN = 500_000;

/** A folder that changed less than this before it was listed may have changed again since. */
const SETTLED_MS = 2_000;

/** What {@linkcode ReferrerIndex} needs. */
export interface ReferrerIndexOptions {
  readonly driver: StorageDriver;
  readonly files: BlobFiles;
  /** The links that put manifests into repositories. */
  readonly revisions: Links;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A manifest that has just been pushed. */
export interface NewManifest {
  readonly manifest: Manifest;
  readonly digest: Digest;
  readonly bytes: Uint8Array;
}

/** What this process knows of the manifests of a repository. */
interface Known {
  /** State of the folders when they were last listed; empty where a driver cannot tell. */
  version: string;
  readonly digests: Set<Digest>;
}

/**
 * Who refers to whom, as one small file for each referrer, in folders that Distribution ignores.
 *
 * An entry is written before its manifest is linked and counts only while that link is there, so
 * neither a crash nor a delete leaves a wrong answer. Manifests that came by another way (an old
 * tree, Distribution at work on the same folder) are found by comparing the listing of manifests
 * with those known, and read once; the time of the last such look is kept beside the entries.
 */
export class ReferrerIndex implements ReferrerStore {
  readonly #driver: StorageDriver;
  readonly #files: BlobFiles;
  readonly #revisions: Links;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #known = new LRUCache<string, Known>({
    maxSize: MAX_KNOWN,
    sizeCalculation: ({ digests }) => digests.size + 1,
  });
  readonly #updates = new SingleFlight<void>();

  constructor(options: ReferrerIndexOptions) {
    this.#driver = options.driver;
    this.#files = options.files;
    this.#revisions = options.revisions;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The change that enters a manifest, if it refers to another; it comes before the link. */
  toAdd(repository: string, { manifest, digest, bytes }: NewManifest): readonly Change[] {
    const { subject } = manifest;
    if (subject === undefined) return [];
    const descriptor = describe(manifest, digest, bytes.byteLength);
    const path = referrerPath(repository, subject.digest, digest);
    return [{ path, content: toBytes(JSON.stringify(descriptor)) }];
  }

  async list(
    repository: string,
    subject: Digest,
    request: ReferrersRequest,
  ): Promise<Page<Descriptor>> {
    await this.#updates.run(repository, () => this.#update(repository));
    const { last = "", limit = Infinity, artifactType } = request;
    const digests = await this.#digestsBelow(referrersPath(repository, subject));
    const entries: Descriptor[] = [];
    for (const digest of digests) {
      if (compareNames(digest, last) <= 0) continue;
      const descriptor = await this.#read(repository, subject, digest);
      if (descriptor === undefined) continue;
      if (artifactType !== undefined && descriptor.artifactType !== artifactType) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(descriptor);
    }
    return { entries, more: false };
  }

  async #read(
    repository: string,
    subject: Digest,
    digest: Digest,
  ): Promise<Descriptor | undefined> {
    if (await this.#revisions.resolve(repository, digest) === undefined) return undefined;
    const path = referrerPath(repository, subject, digest);
    const content = await readIfPresent(this.#driver, path);
    if (content === undefined) return undefined;
    try {
      return parseDescriptor(JSON.parse(toText(content)));
    } catch (error) {
      this.#log.warn("left out a damaged referrer", { path, error });
      return undefined;
    }
  }

  /** Enters the manifests that this process has not seen yet. */
  async #update(repository: string): Promise<void> {
    const known = this.#known.get(repository) ?? { version: "", digests: new Set<Digest>() };
    const version = await this.#version(repository);
    if (version !== "" && version === known.version) return;
    const startedAtMs = this.#clock.now();
    const all = await this.#digestsBelow(revisionsPath(repository));
    const unseen = all.filter((digest) => !known.digests.has(digest)).sort(aliasesFirst);
    if (unseen.length > 0) {
      const unchangedSinceMs = await this.#indexedAtMs(repository) - CLOCK_SLACK_MS;
      for (const digest of unseen) {
        // A manifest that was pushed by its sha512 is listed as that alone.
        if (known.digests.has(digest)) continue;
        const canonical = await this.#revisions.resolve(repository, digest);
        await this.#examine(repository, { digest, canonical, unchangedSinceMs });
        if (canonical !== undefined) known.digests.add(digest).add(canonical);
      }
      await this.#setIndexedAt(repository, startedAtMs);
    }
    this.#known.set(repository, { version, digests: known.digests });
  }

  /** Enters a manifest that may have come without this index being told. */
  async #examine(
    repository: string,
    { digest, canonical, unchangedSinceMs }: {
      digest: Digest;
      canonical: Digest | undefined;
      unchangedSinceMs: number;
    },
  ): Promise<void> {
    const link = await statIfPresent(this.#driver, revisionLinkPath(repository, digest));
    if (link === undefined || canonical === undefined) return;
    if (link.modifiedAtMs > 0 && link.modifiedAtMs < unchangedSinceMs) return;
    const bytes = await this.#files.read(canonical);
    if (bytes === undefined) return;
    const manifest = this.#readManifest(repository, { digest, bytes });
    const subject = manifest?.subject?.digest;
    if (manifest === undefined || subject === undefined) return;
    // What is entered already is not written again, so that a full storage can still be read.
    const path = referrerPath(repository, subject, digest);
    if (await statIfPresent(this.#driver, path) !== undefined) return;
    await applyChanges(this.#driver, this.toAdd(repository, { manifest, digest, bytes }));
  }

  #readManifest(
    repository: string,
    { digest, bytes }: { readonly digest: Digest; readonly bytes: Uint8Array },
  ): Manifest | undefined {
    try {
      return readManifest(bytes);
    } catch (error) {
      this.#log.warn("left out a manifest that cannot be read", { repository, digest, error });
      return undefined;
    }
  }

  /** The time of the last look at all manifests; before all time where there was none. */
  async #indexedAtMs(repository: string): Promise<number> {
    const content = await readIfPresent(this.#driver, referrersIndexedPath(repository));
    const atMs = content === undefined ? NaN : Date.parse(toText(content));
    return Number.isNaN(atMs) ? -Infinity : atMs;
  }

  /** A storage that is full or read-only is still read: the next process just looks once more. */
  async #setIndexedAt(repository: string, atMs: number): Promise<void> {
    const indexedAt = toBytes(new Date(atMs).toISOString());
    try {
      await this.#driver.putContent(referrersIndexedPath(repository), indexedAt);
    } catch (error) {
      this.#log.warn("could not note when the referrers were indexed", { repository, error });
    }
  }

  /** Changes whenever a manifest is added, as far as the driver dates folders; empty: it may have. */
  async #version(repository: string): Promise<string> {
    const settledAtMs = this.#clock.now() - SETTLED_MS;
    const folders = await this.#children(revisionsPath(repository));
    const infos = await Promise.all(folders.map((path) => statIfPresent(this.#driver, path)));
    const changedAtMs = infos.map((info) => info?.modifiedAtMs ?? 0);
    if (changedAtMs.some((atMs) => atMs === 0 || atMs > settledAtMs)) return "";
    return folders.map((path, index) => `${path}@${changedAtMs[index]}`).join(" ");
  }

  /** The digests that `<folder>/<algorithm>/<hex>` name, sorted. */
  async #digestsBelow(folder: string): Promise<Digest[]> {
    const digests: Digest[] = [];
    for (const algorithmPath of await this.#children(folder)) {
      const algorithm = algorithmPath.slice(folder.length + 1);
      for (const path of await this.#children(algorithmPath)) {
        const digest = `${algorithm}:${path.slice(algorithmPath.length + 1)}`;
        if (isDigest(digest)) digests.push(digest);
      }
    }
    return digests.sort(compareNames);
  }

  async #children(folder: string): Promise<readonly string[]> {
    try {
      return await this.#driver.list(folder);
    } catch (error) {
      if (isPathNotFound(error)) return [];
      throw error;
    }
  }
}

function aliasesFirst(a: Digest, b: Digest): number {
  return Number(isCanonical(a)) - Number(isCanonical(b));
}

/**
 * How a manifest appears in the list of referrers.
 *
 * Source: OCI distribution specification, "Listing Referrers".
 */
function describe(manifest: Manifest, digest: Digest, sizeBytes: number): Descriptor {
  const { mediaType, artifactType, annotations } = manifest;
  return {
    mediaType,
    digest,
    size: sizeBytes,
    ...(artifactType === undefined ? {} : { artifactType }),
    ...(annotations === undefined ? {} : { annotations }),
  };
}
