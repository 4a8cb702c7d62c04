import { assertEquals } from "@std/assert";
import { dirname } from "@std/path";
import { toBytes } from "../../../src/base/bytes.ts";
import type { Change } from "../../../src/drivers/driver.ts";
import { makeChanges } from "../../../src/drivers/filesystem/_changes.ts";
import { FolderSyncs } from "../../../src/drivers/filesystem/_folder_syncs.ts";
import { TempFolder } from "../../support/temp.ts";

/** Makes changes in a new folder; gives the paths of the folders that were brought to the disk. */
async function foldersSynced(
  files: readonly string[],
  changes: readonly Change[],
): Promise<string[]> {
  await using root = await TempFolder.make();
  for (const file of files) {
    await Deno.mkdir(dirname(root.join(file)), { recursive: true });
    await Deno.writeTextFile(root.join(file), file);
  }
  const synced: string[] = [];
  const folderSyncs = new FolderSyncs((folder) => {
    // Each still stands when it is its turn, with what was made in it.
    Deno.statSync(folder);
    synced.push(folder.slice(root.path.length + 1));
    return Promise.resolve();
  });
  await makeChanges(changes, { locate: (path) => root.join(path), folderSyncs, durable: true });
  return [...new Set(synced)].sort();
}

Deno.test("makeChanges brings every folder to the disk that got an entry", async () => {
  const changes = [
    { path: "links/a/link", content: toBytes("link") },
    { path: "blobs/a/data", source: "uploads/1/data" },
  ];
  const files = ["uploads/1/data", "blobs/b/data"];
  assertEquals(await foldersSynced(files, changes), ["", "blobs", "blobs/a", "links", "links/a"]);
});

Deno.test("makeChanges brings to the disk what a folder has left, and where it went", async () => {
  const changes = [{ path: "blobs/a/data", source: "uploads/1/data", withFolder: true }];
  const files = ["uploads/1/data", "blobs/b/data"];
  assertEquals(await foldersSynced(files, changes), ["blobs", "blobs/a", "uploads"]);
});
