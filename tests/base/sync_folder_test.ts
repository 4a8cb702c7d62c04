import { assertRejects } from "@std/assert";
import { syncFolder } from "../../src/base/sync_folder.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("syncFolder takes a folder that is there, and fails where none is", async () => {
  await using folder = await TempFolder.make();
  await folder.write("file", "content");
  await syncFolder(folder.path);
  await assertRejects(() => syncFolder(folder.join("missing")), Deno.errors.NotFound);
});
