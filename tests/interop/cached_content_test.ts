/**
 * A cache of two replicas that removes what nobody uses, or what is too much, with a collector beside
 * it, on a folder and on a real object store.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { S3Driver } from "../../src/drivers/s3/driver.ts";
import { CacheKeeper } from "../../src/proxy/cache_keeper.ts";
import { createRegistryStore } from "../../src/storage/registry_store.ts";
import { OCI_MANIFEST, type PushedImage } from "../api/_registry.ts";
import { bytesOf, type Cache, startCache, Upstream } from "../proxy/_cache.ts";
import { collectAt, isStored } from "../storage/_collecting.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Config, startGateway } from "../support/versitygw.ts";

const HOUR_MS = 3_600_000;
const LOG = getLogger(["test"]);

/** What the cache goes by, and the copies that are gone by the end. */
const LIMITS = [
  {
    removes: "what nobody uses",
    ttlMs: HOUR_MS,
    maxSizeBytes: 0,
    gone: ["hub/lib/unused", "hub/lib/shared"],
  },
  {
    removes: "what is too much, the longest unused first",
    ttlMs: 0,
    maxSizeBytes: 450_000,
    gone: ["hub/lib/unused"],
  },
] as const;
type Limits = (typeof LIMITS)[number];

/** Two replicas of a cache, with all that is not the storage in common. */
async function startReplicas(driver: StorageDriver, { ttlMs, maxSizeBytes }: Limits) {
  const upstream = new Upstream();
  const clock = new ManualTimers(1_700_000_000_000);
  const options = {
    upstream,
    driver,
    clock,
    prefix: "hub",
    collected: true,
    api: { redirect: false },
  };
  const replicas = [await startCache(options), await startCache(options)] as const;
  const keepers = replicas.map(({ notes }) =>
    new CacheKeeper({
      driver,
      store: createRegistryStore(driver, {
        log: LOG,
        deleteEnabled: true,
        collected: true,
        manifestRules: { urls: undefined, children: "none", blobs: false, classes: [] },
        tagLookupConcurrency: 4,
      }),
      notes,
      ttlMs,
      maxSizeBytes,
      clock,
      timers: new ManualTimers(),
      log: LOG,
    })
  );
  return { upstream, clock, replicas, keepers };
}

async function pull(cache: Cache, name: string, image: PushedImage): Promise<void> {
  await bytesOf(await cache.send("GET", `/v2/hub/${name}/manifests/v1`));
  for (const digest of [image.config, image.layer]) {
    await bytesOf(await cache.send("GET", `/v2/hub/${name}/blobs/${digest}`));
  }
  await cache.store.close();
}

async function tryStorage(driver: StorageDriver, limits: Limits): Promise<void> {
  const { upstream, clock, replicas, keepers } = await startReplicas(driver, limits);
  const [one, other] = replicas;
  const layerOf = (name: string) =>
    Array.from(randomBytes(name, 200_000), (byte) => "abcdefgh"[byte & 7]).join("");
  const names = ["lib/unused", "lib/shared", "lib/used"] as const;
  const images = new Map<string, PushedImage>();
  for (const name of names) {
    const options = { reference: "v1", layer: layerOf(name) };
    const image = await upstream.registry.pushImage(name, options);
    images.set(name, image);
    // Who comes to the other replica finds what this one has fetched.
    await pull(one, name, image);
    upstream.takeRequests();
    await pull(other, name, image);
    assertEquals(upstream.requests, [], name);
    await clock.pass(HOUR_MS / 20);
  }
  const imageOf = (name: string) => {
    const image = images.get(name);
    if (image === undefined) throw new Error(`Cannot test: no image "${name}"`);
    return image;
  };
  // Somebody builds on a copy.
  const shared = imageOf("lib/shared");
  for (const digest of [shared.config, shared.layer]) {
    await one.store.blobs.mount("team/app", digest, { from: "hub/lib/shared" });
  }
  const push = { bytes: shared.bytes, mediaType: OCI_MANIFEST, digest: shared.digest };
  await one.store.manifests.put("team/app", { ...push, tags: ["v1"] });

  await clock.pass(HOUR_MS * 0.8);
  await pull(other, "lib/used", imageOf("lib/used"));
  await clock.pass(HOUR_MS * 0.8);
  await Promise.all(keepers.map((keeper) => keeper.run()));
  for (const keeper of keepers) keeper.close();
  for (const graces of [0, 1.1, 2.2]) await collectAt(driver, graces);

  const stored = await Promise.all(
    names.map((name) => isStored(driver, imageOf(name).layer)),
  );
  assertEquals(stored, [false, true, true]);
  const misses: string[] = [];
  upstream.goAway();
  for (const { send } of replicas) {
    for (
      const [repository, name] of [
        ["hub/lib/unused", "lib/unused"],
        ["hub/lib/shared", "lib/shared"],
        ["hub/lib/used", "lib/used"],
        ["team/app", "lib/shared"],
      ] as const
    ) {
      const response = await send("GET", `/v2/${repository}/blobs/${imageOf(name).layer}`);
      if (!response.ok) misses.push(repository);
      await response.body?.cancel();
    }
  }
  assertEquals(misses, [...limits.gone, ...limits.gone]);
  upstream.misbehave = () => undefined;
  await pull(other, "lib/unused", imageOf("lib/unused"));
}

for (const limits of LIMITS) {
  Deno.test(`a cache in a folder and a collector remove ${limits.removes}, and nothing else`, async () => {
    await using temp = await TempFolder.make();
    await tryStorage(guardDriver(new FilesystemDriver({ rootDirectory: temp.path })), limits);
  });

  testWith(["versitygw"], {
    name: `a cache on S3 and a collector remove ${limits.removes}, and nothing else`,
    async fn() {
      await using gateway = await startGateway();
      await tryStorage(guardDriver(new S3Driver(s3Config(gateway.url))), limits);
    },
  });
}
