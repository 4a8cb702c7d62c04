import { assertEquals } from "@std/assert";
import { ContentMarker } from "../../src/storage/mark_content.ts";
import { TestRegistry } from "../api/_registry.ts";
import { SILENT } from "./_doubles.ts";

function markerOf({ driver }: TestRegistry, deleteUntagged = false): ContentMarker {
  const { signal } = new AbortController();
  return new ContentMarker(driver, { log: SILENT, deleteUntagged, concurrency: 2, signal });
}

Deno.test("ContentMarker.mark finds what manifests need", async () => {
  const registry = new TestRegistry();
  const { digest, config, layer } = await registry.pushImage("foo");
  await registry.pushBlob("foo", "not needed");
  const marker = markerOf(registry);
  await marker.mark();
  assertEquals([...marker.needed].sort(), [digest, config, layer].sort());
  assertEquals([...marker.repositories], ["foo"]);
});

Deno.test("ContentMarker.markNew finds what came since, and takes it for needed", async () => {
  const registry = new TestRegistry();
  await registry.pushImage("foo", { reference: "v1" });
  const marker = markerOf(registry, true);
  await marker.mark();
  const late = await registry.pushImage("bar", { layer: "late" });
  await marker.markNew();
  assertEquals(marker.needed.has(late.layer), true);
  assertEquals(marker.untagged, []);
});
