import { assertEquals } from "@std/assert";
import { delay } from "@std/async/delay";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { listFiles } from "../../scripts/bench_collector.ts";
import { CollectionClients } from "./collection_clients.ts";
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
const INTERVAL_MS = 1_000;

/** Longest wait for the last garbage to go, in milliseconds. */
const SETTLE_MS = GRACE_MS * 4 + 30_000;

Deno.test("serve collects garbage while others push, mount, pull and delete", async () => {
  await using temp = await TempFolder.make();
  const quiet = await work(temp, { seed: "quiet", isCollected: false });
  const collected = await work(temp, { seed: "collected", isCollected: true });
  printSpeed(quiet, collected);
});

/** Lets the clients work on replicas of their own folder, and checks all promises at the end. */
async function work(
  temp: TempFolder,
  { seed, isCollected }: { readonly seed: string; readonly isCollected: boolean },
): Promise<CollectionClients> {
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
    seed,
  });
  await clients.run();
  if (isCollected) await untilClean(root, clients.needed);
  await clients.verifyAll();
  const runs = replicas.map(({ process }) =>
    process.output.match(/collected garbage/g)?.length ?? 0
  );
  console.log(`collection: ${seed}: ${JSON.stringify(clients.counts)}, runs by replica: ${runs}`);
  assertEquals(clients.failures, []);
  assertEquals(await brokenBlobs(root), []);
  const stored = new Set(await storedDigests(root));
  assertEquals([...clients.needed].filter((digest) => !stored.has(digest)), []);
  if (!isCollected) return clients;
  assertEquals([...stored].filter((digest) => !clients.needed.has(digest)), []);
  const aside = listFiles(root).filter((path) => path.includes("/_trash/"));
  assertEquals(aside, []);
  assertEquals(runs.reduce((sum, count) => sum + count, 0) > 0, true, "a collector has run");
  return clients;
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

/** The slowest requests beside the median without a collector: a figure, for machines differ. */
function printSpeed(quiet: CollectionClients, collected: CollectionClients): void {
  for (const [kind, before] of [...quiet.durations].sort()) {
    const after = collected.durations.get(kind) ?? [];
    const median = quantile(before, 0.5);
    const figures = [0.5, 0.99, 1].map((share) =>
      `${quantile(before, share).toFixed(1)} -> ${quantile(after, share).toFixed(1)} ms`
    );
    const times = (quantile(after, 0.99) / median).toFixed(1);
    console.log(
      `collection: ${kind}: median ${figures[0]}, 99 % ${figures[1]}, slowest ${figures[2]}; ` +
        `99 % take at most ${times} times the median without`,
    );
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
