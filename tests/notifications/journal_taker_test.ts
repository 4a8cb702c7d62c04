import { assertEquals } from "@std/assert";
import { Journal } from "../../src/notifications/journal.ts";
import { type JournalDamage, JournalTaker } from "../../src/notifications/journal_taker.ts";
import { journalPath, listJournals, partPath } from "../../src/notifications/outbox_files.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { TempFolder } from "../support/temp.ts";
import { numbering, rowOf } from "./_journal.ts";

const ALL = { endpoint: "e", after: 0, upTo: Infinity, limit: 10_000, maxCharacters: 1e9 };

interface Scene {
  readonly path: string;
  readonly part: OutboxPart;
  readonly journal: Journal;
  readonly damages: JournalDamage[];
  makeTaker(): JournalTaker;
  /** Numbers of the events that are in the part. */
  taken(): number[];
}

async function withScene(
  test: (scene: Scene) => Promise<void> | void,
  { maxBytes = 4096 } = {},
): Promise<void> {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const part = new OutboxPart(partPath(path, "0"));
  const journal = new Journal(partPath(path, "0"), { maxBytes, newNumber: numbering(100) });
  const damages: JournalDamage[] = [];
  await test({
    path,
    part,
    journal,
    damages,
    makeTaker: () =>
      new JournalTaker(path, { part: () => part, onDamage: (damage) => damages.push(damage) }),
    taken: () => part.read(ALL).map(({ sequence }) => sequence),
  });
  await journal.close();
  part.close();
}

Deno.test("JournalTaker takes over what was written, each event once, in order", async () => {
  await withScene(({ journal, makeTaker, taken }) => {
    const taker = makeTaker();
    journal.append([rowOf(1)]);
    assertEquals(taker.take(0), Infinity);
    journal.append([rowOf(2)]);
    journal.append([rowOf(3)]);
    // As after a restart: it finds in the part how far it was.
    assertEquals(makeTaker().take(0), Infinity);
    journal.append([rowOf(4)]);
    assertEquals(taker.take(0), Infinity);

    assertEquals(taken(), [1, 2, 3, 4]);
  });
});

Deno.test("JournalTaker removes journals that are ended, when their events are on the disk", async () => {
  await withScene(async ({ path, journal, makeTaker, taken, part }) => {
    const taker = makeTaker();
    for (const sequence of [1, 2, 3, 4, 5]) journal.append([rowOf(sequence)]);
    assertEquals(listJournals(path).length, 3);
    taker.take(0);
    assertEquals(listJournals(path).length, 3);

    await taker.removeTaken();
    // To the last one may still be written.
    assertEquals(listJournals(path).map(({ number }) => number), [102]);
    journal.append([rowOf(6)]);
    taker.take(0);
    taker.take(103);
    await taker.removeTaken();

    assertEquals(listJournals(path), []);
    assertEquals(taken(), [1, 2, 3, 4, 5, 6]);
    // Who still has it open finds that nothing is left to take over.
    assertEquals(part.journalPosition(102) > 0, true);
  }, { maxBytes: 40 });
});

Deno.test("JournalTaker takes over much in steps, and tells up to where it is", async () => {
  await withScene(({ journal, makeTaker, taken }) => {
    const taker = makeTaker();
    const event = `{"long":"${"x".repeat(100_000)}"}`;
    for (let sequence = 1; sequence <= 30; sequence++) journal.append([rowOf(sequence, { event })]);

    const first = taker.take(0);

    assertEquals(first > 0 && first < 30, true);
    assertEquals(taken().at(-1), first);
    while (taker.take(0) < Infinity);
    assertEquals(taken(), Array.from({ length: 30 }, (_, index) => index + 1));
  }, { maxBytes: 400_000 });
});

Deno.test("JournalTaker leaves out what is damaged, and says so once the journal is ended", async () => {
  await withScene(({ path, makeTaker, taken, damages }) => {
    const file = journalPath(partPath(path, "0"), 5);
    Deno.writeTextFileSync(file, '1 1 0 {"n":1}\nnonsense\n2 1 0 {"n":2}\n3 1 0 {"n\0\0\0');
    const taker = makeTaker();

    taker.take(5);
    assertEquals(damages, [{ path: file, lines: 1, cutOffBytes: 0 }]);
    taker.take(6);
    taker.take(6);

    assertEquals(damages.slice(1), [{ path: file, lines: 0, cutOffBytes: 9 }]);
    assertEquals(taken(), [1, 2]);
  });
});
