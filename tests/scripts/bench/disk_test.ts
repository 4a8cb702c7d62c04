import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { freeDiskBytes, settleDisk, warmMemory } from "../../../scripts/bench/disk.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";

Deno.test("settleDisk leaves files as they are", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("a", "content");
  await settleDisk(temp.path);
  assertEquals(await Deno.readTextFile(path), "content");
});

Deno.test("warmMemory leaves nothing behind", async () => {
  await using temp = await TempFolder.make();
  const path = await temp.write("a", "content");
  await warmMemory(temp.path, 3_000_000);
  assertEquals([...Deno.readDirSync(temp.path)].map(({ name }) => name), ["a"]);
  assertEquals(await Deno.readTextFile(path), "content");
});

testWith(["linux"], {
  name: "freeDiskBytes looks at the disk of a folder",
  fn: async () => {
    assertGreater(await freeDiskBytes("/"), 1024 ** 2);
    await assertRejects(() => freeDiskBytes("/no/such/folder"));
  },
});
