import { createHash } from "node:crypto";
import type { Logger } from "@logtape/logtape";
import { forEachLimited } from "../base/for_each_limited.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { type Digest, digestHex, isCanonical } from "../oci/digest.ts";
import { digestBytes } from "../oci/digester.ts";
import { type Manifest, ManifestError, readManifest } from "../oci/manifest.ts";
import { BlobFiles } from "./blob_files.ts";
import { readLink } from "./links.ts";
import { type ManifestRules, requiredChildren } from "./manifest_rules.ts";
import {
  blobDataPath,
  DAMAGED,
  layerLinkPath,
  layersPath,
  revisionLinkPath,
  revisionsPath,
  ROOT,
  tagCurrentLinkPath,
  tagsPath,
} from "./paths.ts";
import { listBlobs, listDigests, listNames, listRepositories } from "./stored_content.ts";

/** Something in a store that is not as it should be. */
export interface StoreProblem {
  readonly code:
    | "damaged_link"
    | "missing_content"
    | "missing_child"
    | "damaged_manifest"
    | "damaged_blob"
    | "dangling_tag";
  /** The file that is wrong. */
  readonly path: string;
  /** What it was expected to lead to, or to be. */
  readonly digest?: Digest;
  /** Whether it was put aside. */
  readonly repaired: boolean;
}

/** Options of {@linkcode checkStore}. */
export interface CheckOptions {
  readonly log: Logger;
  /** Whether what is wrong is moved to `_damaged`; nothing is ever deleted. */
  readonly repair: boolean;
  /** Whether the bytes of blobs are compared with their digests; manifests always are. */
  readonly hash: boolean;
  /** Which children of an index must be there, as when it is pushed. */
  readonly children: ManifestRules["children"];
  /** How many files are read at once, 1 or more. */
  readonly concurrency: number;
  /** Is told of each problem. */
  readonly onProblem: (problem: StoreProblem) => void;
  /** Is told how much was looked at, of how much nobody knows. @default nobody is */
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
}

/** How far a check is. */
export interface CheckProgress {
  readonly step: "blobs" | "repositories";
  /** Files that were looked at in this step. */
  readonly done: number;
}

/**
 * Looks whether links lead to content, and content is what its digest says. A manifest that names
 * content which is not stored, or an index whose child is not in its repository, is told of and left;
 * everything else can be put aside.
 */
export async function checkStore(driver: StorageDriver, options: CheckOptions): Promise<void> {
  const check = new StoreCheck(driver, options);
  // Blobs first: what is put aside here is then missing where something leads to it.
  await check.checkBlobs();
  for await (const repository of listRepositories(driver)) await check.checkRepository(repository);
}

class StoreCheck {
  readonly #driver: StorageDriver;
  readonly #options: CheckOptions;
  readonly #files: BlobFiles;
  readonly #done = { blobs: 0, repositories: 0 };

  constructor(driver: StorageDriver, options: CheckOptions) {
    this.#driver = driver;
    this.#options = options;
    this.#files = new BlobFiles(driver, options.log);
  }

  async checkBlobs(): Promise<void> {
    if (!this.#options.hash) return;
    await this.#each(listBlobs(this.#driver), async (digest) => {
      this.#tell("blobs");
      if (!isCanonical(digest) || await this.#files.size(digest) === undefined) return;
      const hash = createHash("sha256");
      for await (const piece of await this.#files.open(digest)) hash.update(piece);
      if (hash.digest("hex") === digestHex(digest)) return;
      await this.#report({ code: "damaged_blob", path: blobDataPath(digest), digest });
    });
  }

  async checkRepository(repository: string): Promise<void> {
    await this.#each(listDigests(this.#driver, layersPath(repository)), async (digest) => {
      await this.#checkLink(layerLinkPath(repository, digest), digest);
    });
    await this.#each(listDigests(this.#driver, revisionsPath(repository)), async (digest) => {
      const canonical = await this.#checkLink(revisionLinkPath(repository, digest), digest);
      if (canonical !== undefined) await this.#checkManifest(canonical, repository);
    });
    await this.#each(await listNames(this.#driver, tagsPath(repository)), async (tag) => {
      const path = tagCurrentLinkPath(repository, tag);
      const digest = await readLink(this.#driver, path, this.#options.log);
      const link = digest && revisionLinkPath(repository, digest);
      if (link && await readLink(this.#driver, link, this.#options.log) !== undefined) return;
      await this.#report({ code: "dangling_tag", path, ...digest === undefined ? {} : { digest } });
    });
  }

  /** The content that a link leads to; `undefined`: to none, which was told. */
  async #checkLink(path: string, digest: Digest): Promise<Digest | undefined> {
    this.#tell("repositories");
    const target = await readLink(this.#driver, path, this.#options.log);
    const names = await listNames(this.#driver, path.slice(0, path.lastIndexOf("/")));
    // The folder of a link that was removed is no problem.
    if (!names.includes("link")) return undefined;
    if (target === undefined || (isCanonical(digest) && target !== digest)) {
      await this.#report({ code: "damaged_link", path, digest });
      return undefined;
    }
    if (await this.#files.size(target) !== undefined) return target;
    await this.#report({ code: "missing_content", path, digest: target });
    return undefined;
  }

  async #checkManifest(digest: Digest, repository: string): Promise<void> {
    const path = blobDataPath(digest);
    const bytes = await this.#files.read(digest);
    if (bytes === undefined) return;
    const manifest = digestBytes(bytes) === digest ? readOrNothing(bytes) : undefined;
    if (manifest === undefined) {
      await this.#report({ code: "damaged_manifest", path, digest });
      return;
    }
    const { config, layers } = manifest;
    const named = [...config === undefined ? [] : [config], ...layers];
    for (const { digest: needed, urls = [] } of named) {
      const canonical = await this.#files.canonical(needed);
      const isStored = canonical && await this.#files.size(canonical) !== undefined;
      if (isStored || urls.length > 0) continue;
      const problem = { code: "missing_content", path, digest: needed } as const;
      this.#options.onProblem({ ...problem, repaired: false });
    }
    await this.#checkChildren(manifest, { path, repository });
  }

  /** A child may be a layer: build caches list them. */
  async #checkChildren(
    manifest: Manifest,
    { path, repository }: { readonly path: string; readonly repository: string },
  ): Promise<void> {
    const isLinked = async (link: string) =>
      await readLink(this.#driver, link, this.#options.log) !== undefined;
    for (const child of requiredChildren(manifest, this.#options.children)) {
      if (await isLinked(revisionLinkPath(repository, child))) continue;
      if (await isLinked(layerLinkPath(repository, child))) continue;
      this.#options.onProblem({ code: "missing_child", path, digest: child, repaired: false });
    }
  }

  #tell(step: CheckProgress["step"]): void {
    this.#options.onProgress?.({ step, done: ++this.#done[step] });
  }

  async #report(problem: Omit<StoreProblem, "repaired">): Promise<void> {
    const { repair, onProblem } = this.#options;
    const { path } = problem;
    if (repair) await this.#driver.move(path, DAMAGED + path.slice(ROOT.length));
    onProblem({ ...problem, repaired: repair });
  }

  #each<T>(items: Iterable<T> | AsyncIterable<T>, task: (item: T) => Promise<void>): Promise<void> {
    return forEachLimited(items, { limit: this.#options.concurrency, task });
  }
}

function readOrNothing(bytes: Uint8Array) {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}
