import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { measured } from "../support/measured.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { listFiles, makeTree } from "../../scripts/bench_collector.ts";
import { CollectionClients, type TimedRequest } from "./collection_clients.ts";
import {
  type Compared,
  medianRatio,
  renderTimes,
  type Run,
  slowShare,
  timesByKind,
  watchRuns,
} from "./request_times.ts";
import { soak } from "./soak.ts";

const REPLICAS = 3;
const CLIENTS = 8;

/** How long the clients work, first without a collector, then with one, in milliseconds. */
const DURATION_MS = soak({ quiet: 60_000, collected: 540_000 }, {
  quiet: 5_000,
  collected: 25_000,
});

/** How long garbage stays, in milliseconds. */
const GRACE_MS = soak(10_000, 5_000);

/** How often it is collected, in milliseconds. */
const INTERVAL_MS = soak(4_000, 1_000);

/**
 * Mean time that a client waits before each request, in milliseconds: requests of eight clients
 * shall wait for each other seldom, so that what is seen is what the collector does to them.
 */
const PAUSE_MS = 40;

/** What is stored before the clients come: it keeps a collector at work for most of the time. */
const STORED = soak({ blobs: 20_000, manifests: 2_000, tagged: 2_000 }, {
  blobs: 2_000,
  manifests: 200,
  tagged: 200,
});

/**
 * What requests beside a collector are compared with: those while none was switched on or, where
 * other tests may use the machine, those between two of its runs, which came in the same seconds.
 */
const COMPARED = soak<Compared>("without", "between");

/**
 * How many more of a hundred requests may be slow, where even without a collector some are: they
 * wait for a disk and two processors that many share. The short form only tells a collector that
 * stops others from one that does not.
 */
const MAX_SLOW_MORE = soak(0.5, 15) / 100;

/** How many times as long the median request may take. */
const MAX_MEDIANS = soak(1.5, 3);

/** Longest wait for the last garbage to go, in milliseconds. */
const SETTLE_MS = GRACE_MS * 4 + 30_000;

Deno.test("serve collects garbage while others push, mount, pull and delete", async () => {
  const slowness = await measured(measure, isSlight);
  assert(isSlight(slowness), `requests are slow beside a collector: ${JSON.stringify(slowness)}`);
});

/** How much longer requests take beside a collector. */
interface Slowness {
  /** The share of requests that are slow without one, 0 to 1. */
  readonly usual: number;
  /** The share of them beside one. */
  readonly beside: number;
  /** How many times as long the median request takes. */
  readonly ratio: number;
}

function isSlight({ usual, beside, ratio }: Slowness): boolean {
  return beside <= usual + MAX_SLOW_MORE && ratio <= MAX_MEDIANS;
}

/** Lets the clients work without a collector and with one, and checks all promises. */
async function measure(): Promise<Slowness> {
  await using temp = await TempFolder.make();
  const quiet = await work(temp, { seed: "quiet", isCollected: false });
  const collected = await work(temp, { seed: "collected", isCollected: true });
  const times = timesByKind(quiet.requests, {
    collected: collected.requests,
    runs: collected.runs,
    compared: COMPARED,
  });
  for (const row of renderTimes(times)) console.log(`collection: ${row}`);
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const usual = slowShare(times.map((kind) => kind[COMPARED]));
  const beside = slowShare(times.map(({ during }) => during));
  const ratio = medianRatio(times, COMPARED);
  console.log(
    `collection: more than 5 times the median: ${percent(usual)} of the requests ${COMPARED} ` +
      `collections, ${percent(beside)} during; the median is ${ratio.toFixed(2)} times as long`,
  );
  return { usual, beside, ratio };
}

/** Lets the clients work on replicas of their own folder, and checks all promises at the end. */
async function work(
  temp: TempFolder,
  { seed, isCollected }: { readonly seed: string; readonly isCollected: boolean },
): Promise<{ readonly requests: readonly TimedRequest[]; readonly runs: readonly Run[] }> {
  const folder = await temp.folder(seed);
  const root = `${folder}/data`;
  const maintenance = {
    garbagecollection: {
      enabled: isCollected,
      interval: `${INTERVAL_MS}ms`,
      grace: `${GRACE_MS}ms`,
      deleteuntagged: true,
    },
  };
  const storage = {
    filesystem: { rootdirectory: root },
    delete: { enabled: true },
    maintenance,
  };
  const before = makeTree(root, STORED);
  await using stack = new AsyncDisposableStack();
  const replicas: Registry[] = [];
  for (let number = 0; number < REPLICAS; number++) {
    const own = await temp.folder(seed, `replica-${number}`);
    replicas.push(stack.use(await startStowage({ folder: own, config: { storage } })));
  }
  const clients = new CollectionClients({
    urls: replicas.map(({ url }) => url),
    clients: CLIENTS,
    durationMs: isCollected ? DURATION_MS.collected : DURATION_MS.quiet,
    hesitationMs: GRACE_MS / 4,
    pauseMs: PAUSE_MS,
    seed,
  });
  const watch = new AbortController();
  const watching = watchRuns(root, watch.signal);
  await clients.run();
  watch.abort();
  const runs = await watching;
  const requests = [...clients.requests];
  const needed = new Set([...before, ...clients.needed]);
  if (isCollected) await untilClean(root, needed);
  await clients.verifyAll();
  console.log(`collection: ${seed}: ${JSON.stringify(clients.counts)}, ${describeRuns(runs)}`);
  assertEquals(clients.failures, []);
  assertEquals(await brokenBlobs(root), []);
  const stored = new Set(await storedDigests(root));
  assertEquals([...needed].filter((digest) => !stored.has(digest)), []);
  if (!isCollected) return { requests, runs };
  assertEquals([...stored].filter((digest) => !needed.has(digest)), []);
  const aside = listFiles(root).filter((path) => path.includes("/_trash/"));
  assertEquals(aside, []);
  assert(runs.length > 1, "a collector has run");
  return { requests, runs };
}

function describeRuns(runs: readonly Run[]): string {
  const totalMs = runs.reduce(
    (sum, { startedAtMs, endedAtMs }) => sum + endedAtMs - startedAtMs,
    0,
  );
  return `${runs.length} runs, ${(totalMs / 1000).toFixed(1)} s in all`;
}

/** Waits until nothing is stored but what is needed, or the time is up. */
async function untilClean(root: string, needed: ReadonlySet<string>): Promise<void> {
  const endsAtMs = Date.now() + SETTLE_MS;
  while (Date.now() < endsAtMs) {
    const stored = await storedDigests(root);
    const isClean = stored.every((digest) => needed.has(digest)) &&
      !listFiles(root).some((path) => path.includes("/_trash/"));
    if (isClean) return;
    await delay(200);
  }
}
