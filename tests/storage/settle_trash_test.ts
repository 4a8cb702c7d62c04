import { assertEquals } from "@std/assert";
import { ContentMarker } from "../../src/storage/mark_content.ts";
import { blobDataPath, layerLinkPath } from "../../src/storage/paths.ts";
import { settleTrash } from "../../src/storage/settle_trash.ts";
import { Trash } from "../../src/storage/trash.ts";
import { TestRegistry } from "../api/_registry.ts";
import { isStored } from "./_collecting.ts";
import { SILENT } from "./_doubles.ts";

Deno.test("settleTrash brings back what is needed and removes only what is old enough", async () => {
  const registry = new TestRegistry();
  const { driver } = registry;
  const needed = await registry.pushImage("foo");
  const [old, young] = [await registry.pushBlob("foo", "old"), await registry.pushBlob("foo", "y")];
  const { signal } = new AbortController();
  const options = { log: SILENT, deleteUntagged: false, concurrency: 1, signal };
  const marker = new ContentMarker(driver, options);
  await marker.mark();
  const trash = new Trash(driver);
  await trash.put(blobDataPath(needed.layer), 1);
  await trash.put(blobDataPath(old), 1);
  await trash.put(blobDataPath(young), 9);
  await trash.put(layerLinkPath("foo", young), 9);
  const settled = await settleTrash({
    driver,
    marker,
    log: SILENT,
    options: { putAsideBeforeMs: 5, signal },
  });
  assertEquals(settled, { blobs: 1, bytes: 3, manifests: 0, restored: 2 });
  assertEquals(await isStored(driver, needed.layer), true);
  assertEquals((await trash.copies(blobDataPath(young))).length, 1);
});
