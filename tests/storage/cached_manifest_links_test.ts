import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { CacheError } from "../../src/cache/errors.ts";
import { newGenerations } from "../../src/cache/generations.ts";
import { MemoryDescriptorCache } from "../../src/cache/inmemory/cache.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { CachedManifestLinks } from "../../src/storage/cached_manifest_links.ts";
import { StoreError } from "../../src/storage/errors.ts";
import { Links } from "../../src/storage/links.ts";
import { revisionLinkPath } from "../../src/storage/paths.ts";
import { DriverDouble, SILENT } from "./_doubles.ts";

const CANONICAL = digestBytes(toBytes("manifest"));
const ALIAS = digestBytes(toBytes("manifest"), "sha512");
const DIGESTS = { canonical: CANONICAL, digest: ALIAS };

function scene() {
  const driver = new DriverDouble();
  const links = new Links(driver, revisionLinkPath, SILENT);
  const cache = new MemoryDescriptorCache({ maxEntries: 10, generations: newGenerations() });
  return { driver, links, cache, cached: new CachedManifestLinks(links, cache) };
}

Deno.test("CachedManifestLinks.resolve reads a link once, and one that is missing each time", async () => {
  const { driver, cached } = scene();
  assertEquals(await cached.resolve("foo", CANONICAL), undefined);
  await cached.add("foo", DIGESTS);
  assertEquals(await cached.resolve("foo", CANONICAL), CANONICAL);
  driver.calls.length = 0;

  assertEquals(await cached.resolve("foo", CANONICAL), CANONICAL);

  assertEquals(driver.calls, []);
  assertEquals(await cached.resolve("foo", ALIAS), CANONICAL);
  assertEquals(await cached.resolve("bar", CANONICAL), undefined);
});

Deno.test("CachedManifestLinks.remove is seen at once, by every digest", async () => {
  const { cached } = scene();
  await cached.add("foo", DIGESTS);
  await cached.resolve("foo", CANONICAL);

  await cached.remove("foo", DIGESTS);

  assertEquals(await cached.resolve("foo", CANONICAL), undefined);
  assertEquals(await cached.resolve("foo", ALIAS), undefined);
});

Deno.test("CachedManifestLinks.remove removes nothing while the others cannot be told", async () => {
  const { links, cache } = scene();
  cache.remove = () => Promise.reject(new CacheError("unavailable", "redis: away"));
  const cached = new CachedManifestLinks(links, cache);
  await cached.add("foo", DIGESTS);

  await assertRejects(() => cached.remove("foo", DIGESTS), StoreError, "redis: away");

  assertEquals(await links.resolve("foo", CANONICAL), CANONICAL);
});
