import { assertEquals } from "@std/assert";
import {
  journalPath,
  listJournals,
  listParts,
  partPath,
  sharedPart,
} from "../../src/notifications/outbox_files.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("listParts finds the parts of an outbox, and none of SQLite's own files", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  for (const part of ["0", "12", sharedPart("1"), "replay", "0-wal", "replay-shm", "lock"]) {
    await Deno.writeTextFile(partPath(path, part), "");
  }
  await Deno.writeTextFile(journalPath(partPath(path, "0"), 5), "");
  await Deno.writeTextFile(folder.join("other.db.1"), "");

  assertEquals(listParts(path), ["0", "12", "replay", "shared-1"]);
});

Deno.test("listJournals finds the journals of all parts, in the order of their numbers", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const [first, second] = [partPath(path, "0"), partPath(path, "1")];
  for (const [part, number] of [[first, 1000], [second, 30], [first, 9]] as const) {
    await Deno.writeTextFile(journalPath(part, number), "x");
  }
  for (const name of ["0", "0-wal", "0.journal-", "0.journal-5x", "lock.journal-1"]) {
    await Deno.writeTextFile(partPath(path, name), "");
  }

  assertEquals(listJournals(path), [
    { path: `${first}.journal-9`, part: "0", number: 9, sizeBytes: 1 },
    { path: `${second}.journal-30`, part: "1", number: 30, sizeBytes: 1 },
    { path: `${first}.journal-1000`, part: "0", number: 1000, sizeBytes: 1 },
  ]);
});
