import type { Logger } from "@logtape/logtape";
import { forEachLimited } from "../base/for_each_limited.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { isCanonical } from "../oci/digest.ts";
import {
  examineBlob,
  findLayerLinks,
  type FindOptions,
  findReferrerEntries,
  findUnmarked,
  type GarbageBlob,
  type GarbageLink,
} from "./find_garbage.ts";
import { deleteIfPresent } from "./if_present.ts";
import { ContentMarker, type UntaggedManifest } from "./mark_content.ts";
import {
  blobFolderPath,
  REPOSITORIES,
  revisionLinkPath,
  tagIndexLinkPath,
  tagsPath,
} from "./paths.ts";
import { settleTrash } from "./settle_trash.ts";
import { listDigests, listNames } from "./stored_content.ts";
import { sweepLeftovers } from "./sweep_leftovers.ts";

/** What is in the folder of a link, and in that of a blob. */
const LINK_ONLY: readonly string[] = ["link"];
const DATA_ONLY: readonly string[] = ["data"];

/** Options of {@linkcode collectGarbage}. */
export interface CollectOptions {
  readonly log: Logger;
  /** Whether manifests go that nothing but their digest leads to. */
  readonly deleteUntagged: boolean;
  /** Only tell what would be removed. */
  readonly dryRun: boolean;
  /** How many files are read, or removed, at once, 1 or more. */
  readonly concurrency: number;
  /**
   * What a collector at work beside requests had put aside after this time stays, and so does what a
   * writer that died has left since.
   */
  readonly putAsideBeforeMs: number;
  readonly signal: AbortSignal;
  /** Takes lines in the form of Distribution's collector. @default nobody does */
  readonly print?: ((line: string) => void) | undefined;
  /** Is told of each step, and how much of it is done; of a step without `total` nobody knows. */
  readonly onProgress?: ((progress: CollectProgress) => void) | undefined;
}

/** How far a collection is. */
export interface CollectProgress {
  readonly step: "mark" | "find" | "remove";
  readonly done: number;
  readonly total?: number;
}

/** What a collection did or, in a dry run, would have done. */
export interface GarbageSummary {
  readonly repositories: number;
  /** Content that is needed. */
  readonly marked: number;
  /** Blobs that were removed, manifests among them. */
  readonly blobs: number;
  /** Bytes of those. */
  readonly bytes: number;
  /** Manifests that were taken out of their repository. */
  readonly manifests: number;
  /** Links to blobs that were taken out of their repository. */
  readonly layerLinks: number;
  /** Entries of referrers that are gone. */
  readonly referrers: number;
}

/**
 * Removes what nobody needs. Nobody else may write meanwhile: a push that is going on may lose what
 * it has stored and not linked yet; the collector beside requests is another one, see
 * `collect_online.ts`. Ended at any point it leaves nothing broken, for what leads to content goes
 * before the content does.
 *
 * Source: reference of Distribution, "Garbage collection"; differences are in
 * `docs/differences.md`.
 *
 * @throws {StoreError} content_damaged: a manifest cannot be read, so that nothing may go
 */
export async function collectGarbage(
  driver: StorageDriver,
  options: CollectOptions,
): Promise<GarbageSummary> {
  const { log, dryRun, print, onProgress, signal } = options;
  let read = 0;
  const pace = () => onProgress && void onProgress({ step: "mark", done: ++read });
  const marker = new ContentMarker(driver, { ...options, pace });
  await marker.mark();
  signal.throwIfAborted();
  const find = { driver, marker, log };
  const garbage = await findGarbage(find, options);
  await printGarbage(driver, { marker, garbage, print });
  const summary = summarize(marker, garbage);
  if (!dryRun) {
    await removeGarbage(driver, { untagged: marker.untagged, garbage, options });
    await settleTrash({ ...find, options });
    await sweepLeftovers(driver, { log, startedBeforeMs: options.putAsideBeforeMs, signal });
  }
  return summary;
}

/** What nobody needs, beside manifests. */
interface Garbage {
  readonly blobs: readonly GarbageBlob[];
  readonly links: readonly GarbageLink[];
  readonly referrers: readonly GarbageLink[];
}

async function findGarbage(find: FindOptions, options: CollectOptions): Promise<Garbage> {
  const { concurrency: limit, signal, onProgress } = options;
  const blobs: GarbageBlob[] = [];
  await forEachLimited(findUnmarked(find), {
    limit,
    signal,
    async task(digest) {
      const blob = await examineBlob(digest, find);
      if (blob !== undefined) blobs.push(blob);
      onProgress?.({ step: "find", done: blobs.length });
    },
  });
  const links: GarbageLink[] = [];
  const referrers: GarbageLink[] = [];
  const leaving = new Set(
    find.marker.untagged.flatMap(({ repository, names }) =>
      names.map((name) => `${repository}@${name}`)
    ),
  );
  for (const repository of find.marker.repositories) {
    for await (const link of findLayerLinks(repository, find)) links.push(link);
    for await (const entry of findReferrerEntries(repository, { ...find, leaving })) {
      referrers.push(entry);
    }
  }
  signal.throwIfAborted();
  return { blobs, links, referrers };
}

/** Source: reference of Distribution, "Garbage collection", "Standard output". */
async function printGarbage(
  driver: StorageDriver,
  { marker, garbage, print }: {
    readonly marker: ContentMarker;
    readonly garbage: Garbage;
    readonly print: CollectOptions["print"];
  },
): Promise<void> {
  if (print === undefined) return;
  for (const { repository, names } of marker.untagged) {
    const tags = (await listNames(driver, tagsPath(repository))).sort().join(" ");
    for (const name of names) {
      print(`manifest eligible for deletion: {${repository} ${name} [${tags}]}`);
    }
  }
  const blobs = garbage.blobs.filter(({ sizeBytes }) => sizeBytes !== undefined);
  print(
    `\n${marker.needed.size} blobs marked, ${blobs.length} blobs and ` +
      `${marker.untagged.length} manifests eligible for deletion`,
  );
  for (const { digest } of blobs) print(`blob eligible for deletion: ${digest}`);
  for (const { repository, digest } of garbage.links) {
    print(`${repository}: layer link eligible for deletion: ${digest}`);
  }
}

function summarize(marker: ContentMarker, garbage: Garbage): GarbageSummary {
  const blobs = garbage.blobs.filter(({ sizeBytes }) => sizeBytes !== undefined);
  return {
    repositories: marker.repositories.size,
    marked: marker.needed.size,
    blobs: blobs.length,
    bytes: blobs.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0),
    manifests: marker.untagged.length,
    layerLinks: garbage.links.length,
    referrers: garbage.referrers.length,
  };
}

async function removeGarbage(
  driver: StorageDriver,
  { untagged, garbage, options }: {
    readonly untagged: readonly UntaggedManifest[];
    readonly garbage: Garbage;
    readonly options: CollectOptions;
  },
): Promise<void> {
  const { blobs, links, referrers } = garbage;
  const total = untagged.length + blobs.length + links.length + referrers.length;
  const each = removeEach(options, total);
  const folders = new Set<string>();
  await removeTagHistory(driver, { untagged, folders });
  await each(untagged, async ({ repository, names, canonical }) => {
    // The canonical link goes first: without it the others count no more.
    for (const name of [canonical, ...names.filter((name) => name !== canonical)]) {
      await removeLink(driver, { path: revisionLinkPath(repository, name), folders });
    }
  });
  await each(referrers, async ({ path }) => {
    await deleteIfPresent(driver, path);
    folders.add(parentOf(path));
  });
  await each(blobs, ({ digest }) => {
    const onlyFiles = isCanonical(digest) ? DATA_ONLY : LINK_ONLY;
    return deleteIfPresent(driver, blobFolderPath(digest), { onlyFiles });
  });
  await each(links, ({ path }) => removeLink(driver, { path, folders }));
  // Once for each, for most stay until the last link in them has gone.
  for (const folder of folders) await driver.removeEmptyFolders?.(folder, REPOSITORIES);
}

/** Gives what runs a task for each item of lists that have so many items together. */
function removeEach(
  { concurrency: limit, signal, onProgress }: CollectOptions,
  total: number,
): <T>(items: readonly T[], task: (item: T) => Promise<void>) => Promise<void> {
  let done = 0;
  return async (items, task) => {
    await forEachLimited(spreadOut(items, limit), {
      limit,
      signal,
      async task(item) {
        await task(item);
        onProgress?.({ step: "remove", done: ++done, total });
      },
    });
    signal.throwIfAborted();
  };
}

/**
 * Items in another order: `count` of them that follow each other stand far apart in the list. What is
 * near in the list is in one folder, and a system changes one folder for one caller at a time.
 */
function* spreadOut<T>(items: readonly T[], count: number): Generator<T> {
  const step = Math.ceil(items.length / count);
  for (let start = 0; start < step; start++) {
    for (let index = start; index < items.length; index += step) yield items[index] as T;
  }
}

/** Takes manifests out of what tags pointed at before. */
async function removeTagHistory(
  driver: StorageDriver,
  { untagged, folders }: {
    readonly untagged: readonly UntaggedManifest[];
    readonly folders: Set<string>;
  },
): Promise<void> {
  const gone = Map.groupBy(untagged, ({ repository }) => repository);
  for (const [repository, manifests] of gone) {
    const digests = new Set(manifests.flatMap(({ names }) => names));
    for (const tag of await listNames(driver, tagsPath(repository))) {
      for await (const digest of listDigests(driver, `${tagsPath(repository)}/${tag}/index`)) {
        if (!digests.has(digest)) continue;
        await removeLink(driver, { path: tagIndexLinkPath(repository, tag, digest), folders });
      }
    }
  }
}

/** Removes a link with the folder that it is alone in, and notes the folder which that was in. */
async function removeLink(
  driver: StorageDriver,
  { path, folders }: { readonly path: string; readonly folders: Set<string> },
): Promise<void> {
  const folder = parentOf(path);
  await deleteIfPresent(driver, folder, { onlyFiles: LINK_ONLY });
  folders.add(parentOf(folder));
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
