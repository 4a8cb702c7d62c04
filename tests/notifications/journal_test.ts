import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { Journal } from "../../src/notifications/journal.ts";
import { listJournals } from "../../src/notifications/outbox_files.ts";
import { readJournal } from "../../src/notifications/read_journal.ts";
import { TempFolder } from "../support/temp.ts";
import { numbering, rowOf } from "./_journal.ts";

/** The numbers of the events in each journal of an outbox. */
function contents(path: string): number[][] {
  return listJournals(path).map(({ path }) =>
    readJournal(path, { from: 0, maxBytes: 1024 ** 2 }).rows.map(({ sequence }) => sequence)
  );
}

Deno.test("Journal.append has written an event when it returns", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const journal = new Journal(`${path}.0`, { maxBytes: 4096, newNumber: numbering() });
  assertEquals(listJournals(path), []);

  journal.append([rowOf(1)]);
  assertEquals(contents(path), [[1]]);
  journal.append([rowOf(2)]);
  assertEquals(contents(path), [[1, 2]]);
  // It is as long as it may become from the beginning.
  assertEquals(listJournals(path)[0]?.sizeBytes, 4096);
  await journal.sync();
  await journal.close();
});

Deno.test("Journal begins another file where one is full, and writes long events whole", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const journal = new Journal(`${path}.0`, { maxBytes: 60, newNumber: numbering(7) });
  const long = `{"long":"${"ü".repeat(40_000)}"}`;

  for (const sequence of [1, 2, 3]) journal.append([rowOf(sequence)]);
  journal.append([rowOf(4, { event: long })]);
  journal.append([rowOf(5)]);
  await journal.sync();
  await journal.close();

  assertEquals(contents(path), [[1, 2, 3], [4], [5]]);
  assertEquals(listJournals(path).map(({ number }) => number), [7, 8, 9]);
  const [, second] = listJournals(path);
  const { rows } = readJournal(second?.path ?? "", { from: 0, maxBytes: 100 });
  assertEquals(rows, [rowOf(4, { event: long })]);
});

Deno.test("Journal says why it cannot write, and goes on when it can again", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("sub/o.db");
  const journal = new Journal(`${path}.0`, { maxBytes: 4096, newNumber: numbering() });

  assertThrows(() => journal.append([rowOf(1)]), OutboxError, "Cannot write to the outbox: ");
  await Deno.mkdir(folder.join("sub"));
  journal.append([rowOf(2)]);

  assertEquals(contents(path), [[2]]);
  await journal.close();
});
