import { assertEquals } from "@std/assert";
import { listJournals, listParts } from "../../src/notifications/outbox_files.ts";
import { createJournalSink, createSharedSink } from "../../src/notifications/part_sinks.ts";
import { TempFolder } from "../support/temp.ts";
import { numbering, rowOf } from "./_journal.ts";

Deno.test("createJournalSink writes journals in proportion to their limit, and measures them", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const options = { part: "3", newNumber: numbering() };
  const small = createJournalSink(path, { ...options, maxBytes: 160_000 });
  const before = small.sizeBytes;
  small.append([rowOf(1)]);
  await small.sync();

  assertEquals(small.sizeBytes - before, 10_000);
  assertEquals([listParts(path), small.removePulls()], [["3"], 0]);
  await small.close();
  const large = createJournalSink(path, { ...options, maxBytes: Infinity });
  large.append([rowOf(2)]);
  assertEquals(listJournals(path).map(({ sizeBytes }) => sizeBytes), [10_000, 1024 ** 2]);
  await large.close();
});

Deno.test("createSharedSink lets several processes write to one database", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const [one, other] = [createSharedSink(path, "0"), createSharedSink(path, "0")];
  one.append([rowOf(1, { isPull: true })]);
  other.append([rowOf(2)]);
  await Promise.all([one.sync(), other.sync()]);

  assertEquals([listParts(path), listJournals(path)], [["shared-0"], []]);
  assertEquals([one.sizeBytes > 0, one.removePulls(), other.removePulls()], [true, 1, 0]);
  await Promise.all([one.close(), other.close()]);
});
