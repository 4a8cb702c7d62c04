import type { Logger } from "@logtape/logtape";
import { type Digest } from "../oci/digest.ts";
import { readManifest } from "../oci/manifest.ts";
import { StoreError } from "../storage/errors.ts";
import type { RegistryStore } from "../storage/store.ts";

/** Repositories, and which of their tags, are wanted. */
export interface WantedImages {
  /** Name of the repository here. */
  readonly repository: string;
  /** Patterns of tags, where `*` stands for any characters. */
  readonly tags: readonly string[];
}

/** What has been done so far. */
export interface CopyProgress {
  /** Tags that are done, failed ones included. */
  readonly tags: number;
  /** Tags that are known to be wanted. */
  readonly wantedTags: number;
  readonly failedTags: number;
  readonly manifests: number;
  readonly blobs: number;
  /** Bytes of blobs that were looked at; those that were here already are not read. */
  readonly bytes: number;
}

/** Options of {@linkcode copyAhead}. */
export interface CopyAheadOptions {
  readonly log: Logger;
  /** Is told of each step. @default nobody is */
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly signal?: AbortSignal;
}

/**
 * Asks a pull-through cache for images before anybody else does, so that they are here. One that
 * fails is told in the log, and does not keep the others from coming.
 */
export async function copyAhead(
  store: RegistryStore,
  wanted: readonly WantedImages[],
  options: CopyAheadOptions,
): Promise<CopyProgress> {
  const copy = new Copy(store, options);
  for (const images of wanted) await copy.list(images);
  await copy.run();
  return copy.progress;
}

interface WantedTag {
  readonly repository: string;
  readonly tag: string;
}

class Copy {
  progress: CopyProgress = {
    tags: 0,
    wantedTags: 0,
    failedTags: 0,
    manifests: 0,
    blobs: 0,
    bytes: 0,
  };
  readonly #store: RegistryStore;
  readonly #options: CopyAheadOptions;
  readonly #wanted: WantedTag[] = [];
  readonly #seen = new Set<string>();

  constructor(store: RegistryStore, options: CopyAheadOptions) {
    this.#store = store;
    this.#options = options;
  }

  /** Finds the tags that are wanted. One without a star need not be on the list. */
  async list({ repository, tags: patterns }: WantedImages): Promise<void> {
    const isPattern = (text: string) => text.includes("*");
    const names = new Set(patterns.filter((pattern) => !isPattern(pattern)));
    try {
      if (patterns.some(isPattern)) {
        const { entries } = await this.#store.tags.list(repository, {});
        const regexps = patterns.filter(isPattern).map(toRegExp);
        for (const tag of entries) if (regexps.some((regexp) => regexp.test(tag))) names.add(tag);
      }
    } catch (error) {
      this.#fail(error, { repository, tag: "*" });
      this.#add({ failedTags: 1, tags: 1, wantedTags: 1 });
    }
    this.#wanted.push(...[...names].map((tag) => ({ repository, tag })));
    this.#add({ wantedTags: names.size });
  }

  async run(): Promise<void> {
    for (const wanted of this.#wanted) {
      if (this.#options.signal?.aborted) return;
      try {
        const digest = await this.#store.tags.get(wanted.repository, wanted.tag);
        await this.#copyManifest(wanted.repository, digest);
      } catch (error) {
        this.#fail(error, wanted);
        this.#add({ failedTags: 1 });
      }
      this.#add({ tags: 1 });
    }
  }

  async #copyManifest(repository: string, digest: Digest): Promise<void> {
    if (!this.#isNew(repository, digest)) return;
    const { bytes } = await this.#store.manifests.get(repository, digest);
    this.#add({ manifests: 1 });
    const { config, layers, manifests } = readManifest(bytes);
    for (const child of manifests) await this.#copyManifest(repository, child.digest);
    for (const layer of config === undefined ? layers : [config, ...layers]) {
      // Layers with URLs are had from there.
      if ((layer.urls?.length ?? 0) === 0) await this.#copyBlob(repository, layer.digest);
    }
  }

  async #copyBlob(repository: string, digest: Digest): Promise<void> {
    if (!this.#isNew(repository, digest)) return;
    this.#options.signal?.throwIfAborted();
    const { blobs } = this.#store;
    const blob = await blobs.stat(repository, digest, { willRead: true });
    // The last byte comes when all of them are stored.
    const offset = Math.max(0, blob.sizeBytes - 1);
    const content = await blobs.open(blob, { offset, length: blob.sizeBytes - offset });
    if (content instanceof ReadableStream) { for await (const _ of content); }
    this.#add({ blobs: 1, bytes: blob.sizeBytes });
  }

  #isNew(repository: string, digest: Digest): boolean {
    const key = `${repository}@${digest}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  #fail(error: unknown, { repository, tag }: WantedTag): void {
    if (this.#options.signal?.aborted) return;
    const message = error instanceof StoreError && "message" in error.detail
      ? String(error.detail.message)
      : error instanceof Error
      ? error.message
      : String(error);
    this.#options.log.error("could not copy an image", {
      "vars.name": repository,
      "vars.reference": tag,
      "error.message": message,
    });
  }

  #add(more: Partial<CopyProgress>): void {
    const { progress } = this;
    const sum = Object.entries(progress).map(([key, value]) =>
      [key, value + (more[key as keyof CopyProgress] ?? 0)] as const
    );
    this.progress = Object.fromEntries(sum) as unknown as CopyProgress;
    this.#options.onProgress?.(this.progress);
  }
}

/** A pattern in which `*` stands for any characters. */
function toRegExp(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}
