import { settleDisk } from "./disk.ts";
import { makeFreshImage } from "./fresh_image.ts";
import { pushImage } from "./image_transfers.ts";
import { timesOf } from "./plan.ts";
import { measureRequests } from "./request_workloads.ts";
import { measureStart } from "./start_time.ts";
import { removePushed, repositoryName, type StoredTree, tagName } from "./stored_tree.ts";
import { timeGet } from "./time_get.ts";
import { manifestPath, runClients } from "./transfers.ts";
import type { GrownStand, Measured, Workload } from "./workload.ts";

/** Entries of a page. */
const PAGE = 100;

/** How often a list is asked for, and for how long at most, in milliseconds. */
const LISTS = { times: 20, limitMs: 4000 } as const;

/** How many images are pushed one after the other, and the size of their layer, in bytes. */
const PUSHES = { images: 20, layerBytes: 100_000 } as const;

/** A list, and how many entries its answer must have. */
interface List {
  readonly name: string;
  readonly title: string;
  readonly key: "tags" | "repositories";
  path(tree: StoredTree): string;
  entries(tree: StoredTree): number;
}

const LISTED: readonly List[] = [
  {
    name: "tags-first-page",
    title: "first page of 100 tags",
    key: "tags",
    path: ({ repository }) => `/v2/${repository}/tags/list?n=${PAGE}`,
    entries: () => PAGE,
  },
  {
    name: "tags-later-page",
    title: "page of tags from the middle",
    key: "tags",
    path: ({ repository, size }) =>
      `/v2/${repository}/tags/list?n=${PAGE}&last=${tagName(size / 2 - 1)}`,
    entries: ({ size }) => Math.min(PAGE, size / 2),
  },
  {
    name: "tags-all",
    title: "all tags",
    key: "tags",
    path: ({ repository }) => `/v2/${repository}/tags/list`,
    entries: ({ size }) => size,
  },
  {
    name: "catalog-first-page",
    title: "first page of 100 repositories",
    key: "repositories",
    path: () => `/v2/_catalog?n=${PAGE}`,
    entries: () => PAGE,
  },
  {
    name: "catalog-later-page",
    title: "page of repositories from the middle",
    key: "repositories",
    path: ({ size }) =>
      `/v2/_catalog?n=${PAGE}&last=${encodeURIComponent(repositoryName(size / 2 - 1))}`,
    entries: ({ size }) => Math.min(PAGE, size / 2),
  },
  {
    name: "catalog-all",
    title: "all repositories",
    key: "repositories",
    path: ({ size }) => `/v2/_catalog?n=${size}`,
    entries: ({ size }) => size,
  },
];

/** What may cost more as storage grows. */
export const GROWN_WORKLOADS: readonly Workload<GrownStand>[] = [
  {
    name: "grown-manifest-get",
    title: "manifest GET by tag",
    group: "growth",
    unit: "requests/s",
    better: "higher",
    needs: "wrk",
    run: (stand) => measureRequests(stand, { method: "GET", path: someTagPath(stand.tree) }),
  },
  {
    name: "grown-tag-read",
    title: "manifest HEAD by tag",
    group: "growth",
    unit: "requests/s",
    better: "higher",
    needs: "ab",
    run: (stand) => measureRequests(stand, { method: "HEAD", path: someTagPath(stand.tree) }),
  },
  {
    name: "grown-push",
    title: "push of a 100 kB image under a new tag",
    group: "growth",
    unit: "ms",
    better: "lower",
    operation: "image",
    run: pushImages,
  },
  ...LISTED.map(listWorkload),
  {
    name: "grown-start",
    title: "start to the first answer",
    group: "start",
    unit: "ms",
    better: "lower",
    run: async ({ server, signal }) => {
      const { contestant, folder, root } = server;
      return { value: await measureStart(contestant, { folder, root, signal }), operations: 0 };
    },
  },
];

function listWorkload(list: List): Workload<GrownStand> {
  const { name, title, key } = list;
  return {
    name,
    title,
    group: "lists",
    unit: "ms",
    better: "lower",
    async run({ server, plan, tree, signal }) {
      const { medianMs, requests } = await timeGet(server.url + list.path(tree), {
        times: timesOf(plan, LISTS.times),
        limitMs: LISTS.limitMs,
        check: (document) => checkEntries(document, { key, expected: list.entries(tree) }),
        signal,
      });
      return { value: medianMs, operations: requests };
    },
  };
}

/**
 * Distribution 2.8 knows no pages of tags: it gives the whole list, which is then what a page costs.
 */
function checkEntries(
  document: unknown,
  { key, expected }: { readonly key: string; readonly expected: number },
): void {
  const entries = (document as Readonly<Record<string, readonly string[] | null>>)[key];
  if (entries !== undefined && entries !== null && entries.length >= expected) return;
  throw new Error(`Got ${entries?.length ?? "no"} ${key}, expected ${expected}`);
}

async function pushImages({ server, plan, blobs, tree, signal }: GrownStand): Promise<Measured> {
  const count = timesOf(plan, PUSHES.images);
  const layerBytes = [PUSHES.layerBytes];
  const images = Array.from({ length: count }, () => makeFreshImage(blobs, { layerBytes }));
  const { repository } = tree;
  const tags = images.map((_, index) => `new-${index}`);
  const { address, root } = server;
  const durationMs = await runClients({ address, count: 1, signal }, async (connection) => {
    for (const [index, image] of images.entries()) {
      await pushImage(connection, image, { repository, tag: tags[index] ?? "" });
    }
  });
  const pushed = images.flatMap((image) => [...image.blobs, image.manifest]);
  await removePushed(root, { blobs: pushed, repository, tags });
  await settleDisk(root);
  return { value: durationMs / count, operations: count };
}

function someTagPath({ repository, size }: StoredTree): string {
  return manifestPath(repository, tagName(size / 2));
}
