import { assertEquals } from "@std/assert";
import { listParts, partPath } from "../../src/notifications/outbox_files.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("listParts finds the parts of an outbox, and none of SQLite's own files", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  for (const part of ["0", "12", "replay", "0-wal", "replay-shm", "lock"]) {
    await Deno.writeTextFile(partPath(path, part), "");
  }
  await Deno.writeTextFile(folder.join("other.db.1"), "");

  assertEquals(listParts(path), ["0", "12", "replay"]);
});
