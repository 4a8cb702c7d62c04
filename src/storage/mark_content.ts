import type { Logger } from "@logtape/logtape";
import { forEachLimited } from "../base/for_each_limited.ts";
import type { Pacer } from "../base/pacer.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { type Digest, isCanonical, isDigest } from "../oci/digest.ts";
import { digestBytes } from "../oci/digester.ts";
import { type Manifest, ManifestError, readManifest } from "../oci/manifest.ts";
import { BlobFiles } from "./blob_files.ts";
import { StoreError } from "./errors.ts";
import { Links, readLink } from "./links.ts";
import { revisionLinkPath, revisionsPath, tagCurrentLinkPath, tagsPath } from "./paths.ts";
import { listDigests, listNames, listRepositories } from "./stored_content.ts";
import { Trash } from "./trash.ts";

/** The path of a link that puts a manifest into a repository. */
const REVISION_REGEXP = /\/_manifests\/revisions\/([^/]+)\/([^/]+)\/link$/;

/** Options of {@linkcode ContentMarker}. */
export interface MarkOptions {
  readonly log: Logger;
  /** Whether manifests are needed only if a tag, an index or a subject that is needed says so. */
  readonly deleteUntagged: boolean;
  /** How many files are read at once, 1 or more. */
  readonly concurrency: number;
  /** Ends the work between two manifests. */
  readonly signal: AbortSignal;
  /** Whether the content of manifests that nothing needs is needed all the same. @default false */
  readonly keepContent?: boolean | undefined;
  /** Takes lines in the form of Distribution's collector. @default nobody does */
  readonly print?: ((line: string) => void) | undefined;
  /** Is waited for between two manifests. @default nothing is */
  readonly pace?: Pacer | undefined;
}

/** A manifest that nothing needs. */
export interface UntaggedManifest {
  readonly repository: string;
  /** The digest that it is stored under. */
  readonly canonical: Digest;
  /** All the digests that the repository links it by. */
  readonly names: readonly Digest[];
}

/** A manifest of a repository, as far as it says what is needed. */
interface Revision {
  readonly canonical: Digest;
  readonly names: Digest[];
  /** What it needs to be whole. */
  readonly needs: readonly Digest[];
  readonly children: readonly Digest[];
  readonly subject: Digest | undefined;
}

/**
 * Finds out which content is needed.
 *
 * Needed is each manifest that its repository links; or, where untagged ones are to go, each that a
 * tag points at, that is the child of an index that is needed, or that refers to a manifest that is
 * needed: referrers live and die with their subject. Of a needed manifest all content is needed. What
 * a collector has put aside and somebody may bring back needs its content too.
 *
 * Source: reference of Distribution, "Garbage collection"; differences are in
 * `docs/differences.md`.
 */
export class ContentMarker {
  /** The content that is needed, under each digest that something names it by. */
  readonly needed = new Set<Digest>();
  /** The manifests that nothing needs. */
  readonly untagged: UntaggedManifest[] = [];
  /** The repositories that were looked at. */
  readonly repositories = new Set<string>();
  readonly #driver: StorageDriver;
  readonly #options: MarkOptions;
  readonly #files: BlobFiles;
  readonly #revisions: Links;
  /** Children of indexes, as `<repository>@<digest>`. */
  readonly #children = new Set<string>();
  /** Manifests that were looked at, by repository. */
  readonly #seen = new Map<string, Set<Digest>>();

  constructor(driver: StorageDriver, options: MarkOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#files = new BlobFiles(driver, options.log);
    this.#revisions = new Links(driver, revisionLinkPath, options.log);
  }

  /**
   * Looks at all repositories.
   * @throws {StoreError} content_damaged: it cannot be said what a manifest needs
   */
  async mark(): Promise<void> {
    for await (const repository of listRepositories(this.#driver)) {
      if (this.#options.signal.aborted) return;
      this.repositories.add(repository);
      this.#options.print?.(repository);
      await this.#markRepository(repository);
    }
    await this.#markAside();
  }

  /** Whether a repository linked a manifest when it was looked at. */
  hasSeen(repository: string, digest: Digest): boolean {
    return this.#seen.get(repository)?.has(digest) === true;
  }

  /**
   * Looks for manifests that came since the last look, and takes them all for needed.
   * @throws {StoreError} content_damaged
   */
  async markNew(): Promise<void> {
    for await (const repository of listRepositories(this.#driver)) {
      if (this.#options.signal.aborted) return;
      this.repositories.add(repository);
      const seen = this.#seenOf(repository);
      for (const revision of await this.#readNew(repository, seen)) {
        await this.#needAll(revision);
      }
    }
  }

  /** Whether an index that a repository links has a child, needed or not. */
  hasChild(repository: string, digest: Digest): boolean {
    return this.#children.has(`${repository}@${digest}`);
  }

  async #markRepository(repository: string): Promise<void> {
    const revisions = await this.#readNew(repository, this.#seenOf(repository));
    const kept = this.#options.deleteUntagged
      ? await this.#selectKept(repository, revisions)
      : new Set(revisions);
    for (const revision of kept) {
      for (const name of revision.names) {
        this.#options.print?.(`${repository}: marking manifest ${name} `);
      }
      for (const digest of [revision.canonical, ...revision.names]) await this.#need(digest);
      for (const digest of revision.needs) {
        if (this.needed.has(digest)) continue;
        this.#options.print?.(`${repository}: marking blob ${digest}`);
        await this.#need(digest);
      }
    }
    for (const revision of revisions) {
      for (const child of revision.children) this.#children.add(`${repository}@${child}`);
      if (kept.has(revision)) continue;
      this.untagged.push({ repository, ...revision });
      if (this.#options.keepContent === true) await this.#needAll(revision);
    }
  }

  /** What links still need that were put aside. */
  async #markAside(): Promise<void> {
    for await (const { original } of new Trash(this.#driver).entries()) {
      const { 1: algorithm, 2: hex } = REVISION_REGEXP.exec(original) ?? [];
      const digest = `${algorithm}:${hex}`;
      if (!isDigest(digest) || !isCanonical(digest)) continue;
      const revision = await this.#read(digest, [digest]);
      for (const needed of [digest, ...revision?.needs ?? []]) await this.#need(needed);
    }
  }

  async #selectKept(
    repository: string,
    revisions: readonly Revision[],
  ): Promise<ReadonlySet<Revision>> {
    const byName = new Map<Digest, Revision>();
    const referrers = new Map<Revision, Revision[]>();
    for (const revision of revisions) {
      for (const name of [revision.canonical, ...revision.names]) byName.set(name, revision);
    }
    for (const revision of revisions) {
      const subject = revision.subject && byName.get(revision.subject);
      if (subject !== undefined) {
        referrers.set(subject, [...referrers.get(subject) ?? [], revision]);
      }
    }
    const kept = new Set<Revision>();
    const pending: (Revision | undefined)[] = [];
    for (const digest of await this.#tagged(repository)) pending.push(byName.get(digest));
    while (pending.length > 0) {
      const revision = pending.pop();
      if (revision === undefined || kept.has(revision)) continue;
      kept.add(revision);
      pending.push(...revision.children.map((child) => byName.get(child)));
      pending.push(...referrers.get(revision) ?? []);
    }
    return kept;
  }

  async #tagged(repository: string): Promise<ReadonlySet<Digest>> {
    const tagged = new Set<Digest>();
    const tags = await listNames(this.#driver, tagsPath(repository));
    if (tags.length === 0) {
      this.#options.print?.(`manifest tags path of repository ${repository} does not exist`);
    }
    await this.#each(tags, async (tag) => {
      const path = tagCurrentLinkPath(repository, tag);
      const digest = await readLink(this.#driver, path, this.#options.log);
      if (digest !== undefined) tagged.add(digest);
    });
    return tagged;
  }

  /** The manifests of a repository that were not looked at before. */
  async #readNew(repository: string, seen: Set<Digest>): Promise<Revision[]> {
    const names = new Map<Digest, Digest[]>();
    const folder = revisionsPath(repository);
    await this.#each(listDigests(this.#driver, folder), async (digest) => {
      if (seen.has(digest)) return;
      await this.#options.pace?.();
      const canonical = await this.#revisions.resolve(repository, digest);
      if (canonical === undefined) return;
      seen.add(digest);
      names.set(canonical, [...names.get(canonical) ?? [], digest]);
    });
    const revisions: Revision[] = [];
    await this.#each(names, async ([canonical, names]) => {
      const revision = await this.#read(canonical, names);
      if (revision !== undefined) revisions.push(revision);
    });
    return revisions;
  }

  /** @throws {StoreError} content_damaged */
  async #read(canonical: Digest, names: Digest[]): Promise<Revision | undefined> {
    await this.#options.pace?.();
    const bytes = await this.#files.read(canonical);
    if (bytes === undefined) return undefined;
    const { config, layers, manifests, subject } = readChecked(canonical, bytes);
    const children = manifests.map(({ digest }) => digest);
    const needs = [...config === undefined ? [] : [config], ...layers].map(({ digest }) => digest);
    needs.push(...children);
    return { canonical, names, needs, children, subject: subject?.digest };
  }

  async #needAll({ canonical, names, needs }: Revision): Promise<void> {
    for (const digest of [canonical, ...names, ...needs]) await this.#need(digest);
  }

  /** Content is stored under its sha256, whatever names it. */
  async #need(digest: Digest): Promise<void> {
    if (this.needed.has(digest)) return;
    this.needed.add(digest);
    if (isCanonical(digest)) return;
    const canonical = await this.#files.canonical(digest);
    if (canonical !== undefined) this.needed.add(canonical);
  }

  #seenOf(repository: string): Set<Digest> {
    const seen = this.#seen.get(repository) ?? new Set<Digest>();
    this.#seen.set(repository, seen);
    return seen;
  }

  #each<T>(items: Iterable<T> | AsyncIterable<T>, task: (item: T) => Promise<void>): Promise<void> {
    const { concurrency, signal } = this.#options;
    return forEachLimited(items, { limit: concurrency, signal, task });
  }
}

/** @throws {StoreError} content_damaged: what is stored is no manifest, or another one */
function readChecked(digest: Digest, bytes: Uint8Array): Manifest {
  if (digestBytes(bytes) !== digest) throw new StoreError("content_damaged", { digest });
  try {
    return readManifest(bytes);
  } catch (cause) {
    if (!(cause instanceof ManifestError)) throw cause;
    throw new StoreError("content_damaged", { digest }, { cause });
  }
}
