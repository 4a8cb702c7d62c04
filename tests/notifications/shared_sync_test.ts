import { assertEquals, assertRejects } from "@std/assert";
import { SharedSync } from "../../src/notifications/shared_sync.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("SharedSync makes one wait for all who ask while another goes on", async () => {
  await using folder = await TempFolder.make();
  const sync = SharedSync.open(await folder.write("f", "x"));

  const first = sync.sync();
  const [second, third] = [sync.sync(), sync.sync()];

  assertEquals(second, third);
  await Promise.all([first, second]);
  assertEquals(sync.sync() === second, false);
  await sync.sync();
  sync.close();
});

Deno.test("SharedSync fails for whoever asked, and tries again for the next", async () => {
  await using folder = await TempFolder.make();
  const sync = SharedSync.open(await folder.write("f", "x"));
  sync.close();

  await assertRejects(() => sync.sync());
  await assertRejects(() => sync.sync());
});
