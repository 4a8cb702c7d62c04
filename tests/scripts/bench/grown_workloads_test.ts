import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { GROWN_WORKLOADS } from "../../../scripts/bench/grown_workloads.ts";
import { missingTool } from "../../../scripts/bench/load_tools.ts";
import { writeStoredTree } from "../../../scripts/bench/stored_tree.ts";
import { TempFolder } from "../../support/temp.ts";
import { readTree } from "../../support/tree.ts";
import { standOf, startInProcess } from "./_stand.ts";

const SIZE = 120;

Deno.test("GROWN_WORKLOADS measure, and leave storage as it was", async () => {
  await using temp = await TempFolder.make();
  const [folder, root] = [await temp.folder("bench"), await temp.folder("root")];
  await using server = await startInProcess(folder, root);
  const stand = standOf(server);
  const tree = await writeStoredTree(root, { size: SIZE, blobs: stand.blobs });
  const before = await readTree(root);
  const measured: string[] = [];
  for (const { name, needs, run } of GROWN_WORKLOADS) {
    if (needs !== undefined && missingTool(needs) !== undefined) continue;
    assertGreater((await run({ ...stand, tree })).value, 0);
    measured.push(name);
  }
  assertEquals(await readTree(root), before);
  assertEquals(measured.includes("catalog-later-page"), true);
});

Deno.test("GROWN_WORKLOADS fail where a list is too short", async () => {
  await using temp = await TempFolder.make();
  await using server = await startInProcess(temp.path);
  const stand = standOf(server);
  const tree = await writeStoredTree(temp.path, { size: SIZE, blobs: stand.blobs });
  const larger = { ...stand, tree: { ...tree, size: 2 * SIZE } };
  const lists = GROWN_WORKLOADS.filter(({ name }) => name.endsWith("-all"));
  assertEquals(lists.length, 2);
  for (const { run } of lists) {
    await assertRejects(() => run(larger), Error, `Got ${SIZE}`);
  }
});
