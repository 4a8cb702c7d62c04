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

/**
 * How many times as long as without a collector the slowest but one in a thousand may take. In the
 * short form that is the slowest one, beside whatever else the machine does.
 */
const MAX_SLOWNESS = soak(5, 25);

/** Longest wait for the last garbage to go, in milliseconds. */
const SETTLE_MS = GRACE_MS * 4 + 30_000;

Deno.test("serve collects garbage while others push, mount, pull and delete", async () => {
  await using temp = await TempFolder.make();
  const quiet = await work(temp, { seed: "quiet", isCollected: false });
  const collected = await work(temp, { seed: "collected", isCollected: true });
  const slow = compareSpeed(quiet, collected).filter(({ after, before }) =>
    after > MAX_SLOWNESS * Math.max(1, before)
  );
  assertEquals(slow, []);
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

/** How long requests of one kind took, as times the median without a collector. */
interface Slowness {
  readonly kind: string;
  readonly requests: number;
  /** The slowest but one in a thousand, without and with a collector. */
  readonly before: number;
  readonly after: number;
}

/** Prints how long requests took, and gives it. */
function compareSpeed(quiet: CollectionClients, collected: CollectionClients): Slowness[] {
  return [...quiet.durations].sort().map(([kind, before]) => {
    const after = collected.durations.get(kind) ?? [];
    const median = quantile(before, 0.5);
    const figures = [0.5, 0.99, 0.999, 1].map((share) =>
      `${quantile(before, share).toFixed(1)} -> ${quantile(after, share).toFixed(1)} ms`
    );
    const slowness = {
      kind,
      requests: after.length,
      before: quantile(before, 0.999) / median,
      after: quantile(after, 0.999) / median,
    };
    console.log(
      `collection: ${kind}: median ${figures[0]}, 99 % ${figures[1]}, 99.9 % ${figures[2]}, ` +
        `slowest ${figures[3]}; 99.9 % take at most ${
          slowness.before.toFixed(1)
        } times the median ` +
        `without a collector, ${slowness.after.toFixed(1)} times with one`,
    );
    return slowness;
  });
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
