import { delay } from "@std/async/delay";
import { freeDiskBytes } from "./disk.ts";
import { readMemory } from "./process_usage.ts";
import { type BenchServer, startServer } from "./servers.ts";
import { measureStart } from "./start_time.ts";
import { pushBlob, runClients } from "./transfers.ts";
import type { Measured, SmallStand, Stand, Workload } from "./workload.ts";

const MEGABYTE = 1_000_000;

/** How long a server has nothing to do before its memory at rest is read, in milliseconds. */
const REST_MS = 1500;

/** The uploads that run at once, and their size in bytes. */
const CROWD = { uploads: 64, sizeBytes: 1000 * MEGABYTE } as const;

/** How much more free space there must be than is needed. */
const SPACE_MARGIN = 1.1;

/** What a process costs: its start and its memory. */
export const PROCESS_WORKLOADS: readonly Workload<SmallStand>[] = [
  {
    name: "start-empty",
    title: "start to the first answer, empty storage",
    group: "start",
    unit: "ms",
    better: "lower",
    run: ({ server, signal }) =>
      withEmptyRoot(server, async (root) => {
        const { contestant, folder } = server;
        return { value: await measureStart(contestant, { folder, root, signal }), operations: 0 };
      }),
  },
  {
    name: "memory-rest",
    title: "memory at rest, after the first answer",
    group: "memory",
    unit: "MB",
    better: "lower",
    run: memoryAtRest,
  },
  {
    name: "memory-uploads",
    title: "peak memory, 64 uploads of 1 GB at once",
    group: "memory",
    unit: "MB",
    better: "lower",
    from: "full",
    summarizing: "max",
    run: memoryOfUploads,
  },
  // The last one: it is the peak of all that was measured before.
  {
    name: "memory-peak",
    title: "peak memory over the whole run",
    group: "memory",
    unit: "MB",
    better: "lower",
    summarizing: "max",
    run: async ({ server }) => megabytes((await readMemory(server.pid)).peakBytes),
  },
];

function memoryAtRest({ server, signal }: Stand): Promise<Measured> {
  return withEmptyRoot(server, async (root) => {
    await using resting = await startServer(server.contestant, { folder: server.folder, root });
    await (delay as Delay)(REST_MS, { signal });
    return megabytes((await readMemory(resting.pid)).residentBytes);
  });
}

type Delay = (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>;

function memoryOfUploads({ server, signal, blobs }: Stand): Promise<Measured> {
  return withEmptyRoot(server, async (root) => {
    await requireSpace(root, CROWD.uploads * CROWD.sizeBytes);
    await using crowded = await startServer(server.contestant, { folder: server.folder, root });
    const { address, pid } = crowded;
    const fresh = Array.from({ length: CROWD.uploads }, () => blobs.make(CROWD.sizeBytes));
    await runClients({ address, count: CROWD.uploads, signal }, async (connection, client) => {
      const blob = fresh[client];
      if (blob !== undefined) await pushBlob(connection, { repository: "pushed/large", blob });
    });
    return megabytes((await readMemory(pid)).peakBytes);
  });
}

async function requireSpace(folder: string, neededBytes: number): Promise<void> {
  const freeBytes = await freeDiskBytes(folder);
  if (freeBytes > neededBytes * SPACE_MARGIN) return;
  const [free, needed] = [freeBytes, neededBytes].map((bytes) => Math.round(bytes / 1e9));
  throw new Error(`Needs ${needed} GB of free disk and some more, there are ${free} GB`);
}

/** Runs a task with an empty folder on the disk of a server's storage. */
async function withEmptyRoot<T>(
  { folder }: BenchServer,
  task: (root: string) => Promise<T>,
): Promise<T> {
  const root = await Deno.makeTempDir({ dir: folder });
  try {
    return await task(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function megabytes(bytes: number): Measured {
  return { value: bytes / MEGABYTE, operations: 0 };
}
