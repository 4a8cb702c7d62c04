import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { DescriptorCache } from "../../src/cache/cache.ts";
import { CacheError } from "../../src/cache/errors.ts";
import { newGenerations } from "../../src/cache/generations.ts";
import { MemoryDescriptorCache } from "../../src/cache/inmemory/cache.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFiles } from "../../src/storage/blob_files.ts";
import { LinkedBlobStore } from "../../src/storage/blob_store.ts";
import { CachedBlobStore } from "../../src/storage/cached_blob_store.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import { Links } from "../../src/storage/links.ts";
import { blobDataPath, layerLinkPath } from "../../src/storage/paths.ts";
import type { BlobStore } from "../../src/storage/store.ts";
import { DriverDouble, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("0123456789");
const CANONICAL = digestBytes(CONTENT);
const ALIAS = digestBytes(CONTENT, "sha512");

function memoryCache(generations = newGenerations()): DescriptorCache {
  return new MemoryDescriptorCache({ maxEntries: 10, generations });
}

/** Storage with one blob in the repository foo, seen through as many caches as there are. */
async function scene(...caches: readonly DescriptorCache[]) {
  const driver = new DriverDouble();
  const files = new BlobFiles(driver, SILENT);
  const layers = new Links(driver, layerLinkPath, SILENT);
  const linked = new LinkedBlobStore({ files, layers, deleteEnabled: true });
  const digests = { canonical: CANONICAL, digest: ALIAS };
  await layers.add("foo", digests, await files.toWrite(digests, CONTENT));
  const stores = caches.map((cache) => new CachedBlobStore(linked, cache));
  return { driver, layers, stores, first: stores[0] ?? linked };
}

async function assertFailsWith(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  const error = await assertRejects(() => call, StoreError);
  assertEquals(isStoreError(error, code), true, String(error));
}

async function sizes(store: BlobStore): Promise<readonly number[]> {
  const found = [await store.stat("foo", CANONICAL), await store.stat("foo", ALIAS)];
  return found.map(({ sizeBytes }) => sizeBytes);
}

Deno.test("CachedBlobStore.stat asks the storage once for a digest that it is stored by", async () => {
  const { driver, first } = await scene(memoryCache());
  await first.stat("foo", CANONICAL);
  driver.calls.length = 0;

  const { digest, canonical, sizeBytes } = await first.stat("foo", CANONICAL);

  assertEquals({ digest, canonical, sizeBytes }, {
    digest: CANONICAL,
    canonical: CANONICAL,
    sizeBytes: 10,
  });
  assertEquals(driver.calls, []);
  assertEquals(await sizes(first), [10, 10]);
});

Deno.test("CachedBlobStore.stat knows one repository at a time, and remembers nothing unknown", async () => {
  const { layers, first } = await scene(memoryCache());
  await first.stat("foo", CANONICAL);
  await assertFailsWith(first.stat("bar", CANONICAL), "blob_unknown");

  await layers.add("bar", { canonical: CANONICAL, digest: CANONICAL });

  assertEquals((await first.stat("bar", CANONICAL)).sizeBytes, 10);
});

Deno.test("CachedBlobStore.delete is seen at once through every cache, by every digest", async () => {
  for (const digest of [CANONICAL, ALIAS]) {
    const generations = newGenerations();
    const { stores, first } = await scene(memoryCache(generations), memoryCache(generations));
    for (const store of stores) assertEquals(await sizes(store), [10, 10]);

    await first.delete("foo", digest);

    for (const store of stores) {
      await assertFailsWith(store.stat("foo", CANONICAL), "blob_unknown");
      await assertFailsWith(store.stat("foo", ALIAS), "blob_unknown");
    }
  }
});

Deno.test("CachedBlobStore.delete removes nothing while the others cannot be told", async () => {
  const mute: DescriptorCache = {
    ...memoryCache(),
    blobSize: (_, load) => load(),
    remove: () => Promise.reject(new CacheError("unavailable", "redis: away")),
  };
  const { first } = await scene(mute);

  await assertFailsWith(first.delete("foo", CANONICAL), "storage_failed");

  assertEquals(await sizes(first), [10, 10]);
});

Deno.test("CachedBlobStore.open forgets what is gone without a word", async () => {
  const { driver, first } = await scene(memoryCache());
  const blob = await first.stat("foo", CANONICAL);
  await driver.delete(blobDataPath(CANONICAL));
  assertEquals((await first.stat("foo", CANONICAL)).sizeBytes, 10);

  await assertFailsWith(first.open(blob), "blob_unknown");

  await assertFailsWith(first.stat("foo", CANONICAL), "blob_unknown");
});

Deno.test("CachedBlobStore leaves mounts, redirects and reading to the storage", async () => {
  const { first } = await scene(memoryCache());
  const blob = await first.stat("foo", CANONICAL);

  assertEquals(await first.open(blob), CONTENT);
  assertEquals(
    await first.redirectUrl(blob, { method: "GET" }),
    `https://storage.test${blobDataPath(CANONICAL)}?method=GET`,
  );
  await first.mount("bar", CANONICAL, { from: "foo" });
  assertEquals((await first.stat("bar", CANONICAL)).sizeBytes, 10);
});
