import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { CacheKeeper, type CacheKeeperOptions } from "../../src/proxy/cache_keeper.ts";
import { CacheNotes } from "../../src/proxy/cache_notes.ts";
import { SCHEDULER_STATE_PATH } from "../../src/proxy/scheduler_state.ts";
import { createRegistryStore } from "../../src/storage/registry_store.ts";
import { bytesOf, type Cache, startCache } from "./_cache.ts";

const HOUR_MS = 3_600_000;

function keep(cache: Cache, options: Partial<CacheKeeperOptions> = {}) {
  const { driver, clock } = cache;
  const log = getLogger(["test"]);
  const removed: string[] = [];
  const keeper = new CacheKeeper({
    driver,
    store: createRegistryStore(driver, {
      log,
      deleteEnabled: true,
      manifestRules: { urls: undefined, children: "none", blobs: false, classes: [] },
      tagLookupConcurrency: 4,
    }),
    notes: new CacheNotes({ driver, clock, log, resolutionMs: 60_000 }),
    ttlMs: HOUR_MS,
    maxSizeBytes: 0,
    clock,
    timers: clock,
    log,
    removeBytes: (digest) => {
      removed.push(digest);
      return Promise.resolve();
    },
    ...options,
  });
  return { keeper, removed };
}

async function pullImage() {
  const cache = await startCache();
  const image = await cache.upstream.registry.pushImage("lib/app", { reference: "v1" });
  const paths = [
    `/v2/lib/app/manifests/${image.digest}`,
    `/v2/lib/app/blobs/${image.config}`,
    `/v2/lib/app/blobs/${image.layer}`,
  ];
  const pull = async () => {
    await bytesOf(await cache.send("GET", "/v2/lib/app/manifests/v1"));
    for (const path of paths) await bytesOf(await cache.send("GET", path));
    await cache.clock.pass(0);
  };
  await pull();
  return { cache, image, paths, pull };
}

/** How many of the paths the upstream has to be asked for. */
async function countMisses(cache: Cache, paths: readonly string[]): Promise<number> {
  cache.upstream.takeRequests();
  cache.upstream.goAway();
  let misses = 0;
  for (const path of paths) {
    const response = await cache.send("GET", path);
    if (!response.ok) misses++;
    await response.body?.cancel();
  }
  cache.upstream.misbehave = () => undefined;
  return misses;
}

Deno.test("CacheKeeper removes what nobody has used, tags too, though deleting is off", async () => {
  const { cache, image, paths } = await pullImage();
  const { keeper, removed } = keep(cache);
  await cache.clock.pass(HOUR_MS / 2);
  await keeper.run();
  assertEquals(await countMisses(cache, paths), 0);
  await cache.clock.pass(HOUR_MS * 2);
  await keeper.run();
  assertEquals(await countMisses(cache, [...paths, "/v2/lib/app/manifests/v1"]), 4);
  assertEquals(new Set(removed), new Set([image.digest, image.config, image.layer]));
  keeper.close();
});

Deno.test("CacheKeeper keeps what is used, and what a used manifest needs", async () => {
  const { cache, paths } = await pullImage();
  const { keeper } = keep(cache);
  for (let round = 0; round < 4; round++) {
    await cache.clock.pass(HOUR_MS / 2);
    await bytesOf(await cache.send("GET", paths[0] ?? ""));
    await cache.clock.pass(0);
    await keeper.run();
  }
  assertEquals(await countMisses(cache, paths), 0);
  keeper.close();
});

Deno.test("CacheKeeper keeps to the size, and content comes again when it is asked for", async () => {
  const { cache, paths, pull } = await pullImage();
  const { keeper } = keep(cache, { ttlMs: 0, maxSizeBytes: 1 });
  await keeper.run();
  assertEquals(await countMisses(cache, paths), 3);
  await cache.clock.pass(20_000);
  await pull();
  assertEquals(await countMisses(cache, paths), 0);
  await keeper.run();
  assertEquals(await countMisses(cache, paths), 3);
  keeper.close();
});

Deno.test("CacheKeeper goes on with Distribution's state, and writes it", async () => {
  const { cache, image, paths } = await pullImage();
  const nowMs = cache.clock.now();
  // What Distribution left: no notes, but its own file.
  await cache.driver.delete("/stowage");
  const state = (digest: string, type: number, atMs: number) => {
    const key = `lib/app@${digest}`;
    return [key, { Key: key, ExpiryData: new Date(atMs).toISOString(), EntryType: type }];
  };
  const entries = Object.fromEntries([
    state(image.digest, 1, nowMs + HOUR_MS / 2),
    state(image.config, 0, nowMs - 1),
    state(image.layer, 0, nowMs + HOUR_MS / 2),
    state(image.digest.replace(/.$/, "0"), 0, nowMs - 1),
  ]);
  await cache.driver.putContent(SCHEDULER_STATE_PATH, toBytes(JSON.stringify(entries)));
  const { keeper } = keep(cache);
  await keeper.run();
  assertEquals(await countMisses(cache, paths), 0);
  const written = JSON.parse(toText(await cache.driver.getContent(SCHEDULER_STATE_PATH)));
  assertEquals(written[`lib/app@${image.layer}`], entries[`lib/app@${image.layer}`]);
  await cache.driver.delete("/stowage");
  await cache.clock.pass(HOUR_MS);
  await keeper.run();
  assertEquals(await countMisses(cache, paths), 3);
  keeper.close();
});

Deno.test("CacheKeeper looks soon after the start, and then again and again until it is closed", async () => {
  const { cache, paths } = await pullImage();
  const { keeper } = keep(cache, { ttlMs: 0, maxSizeBytes: 1 });
  await cache.clock.pass(5_000);
  while (cache.clock.waiting === 0) await cache.clock.pass(0);
  assertEquals(await countMisses(cache, paths), 3);
  keeper.close();
  assertEquals(cache.clock.waiting, 0);
});
