import { assertEquals } from "@std/assert";
import { listFiles, makeTree } from "../../scripts/bench_collector.ts";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("makeTree makes a store of whole blobs", async () => {
  await using temp = await TempFolder.make();
  makeTree(temp.path, { blobs: 100, manifests: 5, tagged: 2 });
  assertEquals((await storedDigests(temp.path)).length, 100);
  assertEquals(await brokenBlobs(temp.path), []);
  const tags = listFiles(temp.path).filter((path) => path.endsWith("/current/link"));
  assertEquals(tags.length, 5);
});
