import { assertEquals } from "@std/assert";
import { findLayerLinks, findUnmarked } from "../../src/storage/find_garbage.ts";
import { ContentMarker } from "../../src/storage/mark_content.ts";
import { TestRegistry } from "../api/_registry.ts";
import { SILENT } from "./_doubles.ts";

Deno.test("findUnmarked and findLayerLinks find what nothing needs, and no more", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo");
  const garbage = await registry.pushBlob("foo", "garbage");
  const { driver } = registry;
  const { signal } = new AbortController();
  const options = { log: SILENT, deleteUntagged: false, concurrency: 1, signal };
  const marker = new ContentMarker(driver, options);
  await marker.mark();
  let waits = 0;
  const pace = () => {
    waits++;
    return undefined;
  };
  const find = { driver, marker, log: SILENT, pace };
  assertEquals(await Array.fromAsync(findUnmarked(find)), [garbage]);
  const links = await Array.fromAsync(findLayerLinks("foo", find));
  assertEquals(links.map(({ digest }) => digest), [garbage]);
  // Also between names of what is needed: three blobs and the manifest, and the links of the blobs.
  assertEquals(waits, 7);
});
