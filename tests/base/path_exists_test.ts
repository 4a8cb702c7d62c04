import { assertEquals, assertRejects } from "@std/assert";
import { pathExists } from "../../src/base/path_exists.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("pathExists knows files and folders from what is not there", async () => {
  await using folder = await TempFolder.make();
  const file = await folder.write("file", "x");
  assertEquals(await pathExists(file), true);
  assertEquals(await pathExists(folder.path), true);
  assertEquals(await pathExists(folder.join("none")), false);
});

Deno.test("pathExists does not take what cannot be looked at for what is not there", async () => {
  await using folder = await TempFolder.make();
  const file = await folder.write("file", "x");
  await assertRejects(() => pathExists(`${file}/below`));
});
