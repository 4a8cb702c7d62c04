import { assertEquals, assertRejects } from "@std/assert";
import { DiskKeyFolder } from "../../src/auth/disk_key_folder.ts";
import { testKeyFolder } from "../contracts/key_folder.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("DiskKeyFolder keeps the contract, for nobody else to read", async () => {
  await using temp = await TempFolder.make();
  const path = temp.join("new/keys");

  await testKeyFolder(new DiskKeyFolder(path));

  assertEquals(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o700);
  assertEquals(((await Deno.stat(`${path}/b_-9.json`)).mode ?? 0) & 0o777, 0o600);
});

Deno.test("DiskKeyFolder leaves nothing behind where it cannot write", async () => {
  await using temp = await TempFolder.make();
  const folder = new DiskKeyFolder(temp.path);
  await Deno.mkdir(temp.join("a.json/b"), { recursive: true });

  await assertRejects(() => folder.write("a.json", "1"));

  assertEquals(await folder.list(), []);
});
