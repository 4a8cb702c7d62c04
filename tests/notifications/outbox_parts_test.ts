import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { Journal } from "../../src/notifications/journal.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { listJournals } from "../../src/notifications/outbox_files.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { OutboxParts } from "../../src/notifications/outbox_parts.ts";
import { TempFolder } from "../support/temp.ts";
import { numbering, rowOf } from "./_journal.ts";

const LIMITS = { limit: 100, maxCharacters: 10_000_000 };

async function withParts(
  test: (scene: {
    readonly path: string;
    readonly book: OutboxBook;
    readonly parts: OutboxParts;
    readonly numbers: EventNumbers;
    append(part: string, ...sequences: number[]): void;
    read(positions?: Record<string, number>, limit?: number): number[];
  }) => void | Promise<void>,
): Promise<void> {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const book = new OutboxBook(path);
  book.setEndpoints(["e"], {});
  const parts = new OutboxParts(path, book);
  const numbers = new EventNumbers({ clock: { now: () => 1 } });
  numbers.begin(1_000_000);
  await test({
    path,
    book,
    parts,
    numbers,
    append(name, ...sequences) {
      const part = new OutboxPart(`${path}.${name}`);
      part.append(
        sequences.map((sequence) => ({ sequence, event: "{}", atMs: sequence, isPull: false })),
      );
      part.close();
      parts.discover();
    },
    read: (positions = {}, limit = LIMITS.limit) =>
      parts.read("e", { positions, numbers, ...LIMITS, limit }).map(({ sequence }) => sequence),
  });
  parts.close();
  book.close();
}

Deno.test("OutboxParts reads the events of all parts in one order", async () => {
  await withParts(({ append, read }) => {
    append("0", 1, 4);
    append("1", 2, 3, 5);
    assertEquals(read(), [1, 2, 3, 4, 5]);
    assertEquals(read({ 0: 2, 1: 2 }), [5]);
  });
});

Deno.test("OutboxParts passes over nothing where a part has more than is read at once", async () => {
  await withParts(({ append, read }) => {
    append("0", 1, 2, 9);
    append("1", 3, 4, 5);
    assertEquals(read({}, 2), [1, 2]);
  });
});

Deno.test("OutboxParts waits with what may come after something that cannot be read yet", async () => {
  await withParts(({ append, read, numbers }) => {
    append("0", 1_000_001);
    assertEquals(read(), []);
    numbers.next();
    assertEquals(read(), [1_000_001]);
  });
});

Deno.test("OutboxParts tells what waits, and forgets what every endpoint has", async () => {
  await withParts(({ append, read, parts, book }) => {
    append("0", 1, 2, 3);
    append("1", 4);
    assertEquals(parts.backlog("e"), { pending: 4, oldestMs: 1 });
    assertEquals([parts.lastNumber, parts.ends], [4, { 0: 3, 1: 1 }]);

    book.advance("e", { 0: 2 });
    parts.prune();

    assertEquals(parts.backlog("e"), { pending: 2, oldestMs: 3 });
    assertEquals(read({ 0: 0, 1: 0 }), [3, 4]);
    assertEquals(parts.sizeBytes > 0, true);
  });
});

Deno.test("OutboxParts reads a part that has come since it looked for them", async () => {
  await withParts(({ path, append, read }) => {
    append("0", 2);
    assertEquals(read(), [2]);
    const part = new OutboxPart(`${path}.shared-0`);
    part.append([rowOf(1)]);
    part.close();
    assertEquals(read(), [1, 2]);
  });
});

Deno.test("OutboxParts has what is still in journals: in what it reads, counts and measures", async () => {
  await withParts(async ({ path, append, read, parts, numbers }) => {
    append("0", 1);
    const journal = new Journal(`${path}.0`, { maxBytes: 4096, newNumber: numbering(1_000_900) });
    journal.append([rowOf(3, { atMs: 3 })]);
    append("1", 2);
    const before = parts.sizeBytes;
    journal.append([rowOf(1_000_005, { atMs: 5 })]);

    assertEquals(parts.backlog("e"), { pending: 4, oldestMs: 1 });
    assertEquals(before > 4096, true);
    assertEquals(parts.lastNumber, 1_000_900);
    assertEquals(read(), [1, 2, 3]);
    assertEquals(parts.backlog("e"), { pending: 4, oldestMs: 1 });
    numbers.begin(1_000_005);
    assertEquals(read(), [1, 2, 3, 1_000_005]);
    await journal.close();
  });
});

Deno.test("OutboxParts reads nothing that may come after what is left in a journal", async () => {
  await withParts(async ({ path, append, read, parts }) => {
    const journal = new Journal(`${path}.0`, { maxBytes: 4_000_000, newNumber: numbering() });
    const event = `{"long":"${"x".repeat(300_000)}"}`;
    append("0");
    for (const sequence of [10, 20, 30, 40, 50]) journal.append([rowOf(sequence, { event })]);
    append("1", 5, 15, 25, 35, 45, 55);

    const first = read();
    const last = first.at(-1) ?? 0;
    assertEquals(last < 50, true);
    assertEquals(first, [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55].filter((n) => n <= last));
    while (parts.takeOver() < Infinity);
    assertEquals(read(), [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]);
    await journal.close();
  });
});

Deno.test("OutboxParts removes journals of its own process alone", async () => {
  await withParts(async ({ path, append, read, parts }) => {
    append("0");
    await Deno.writeTextFile(`${path}.0.journal-7`, '1 1 0 {"n":1}\n');
    await parts.settle({ isThorough: true });
    assertEquals(listJournals(path).length, 1);

    parts.own(7);
    await parts.settle({ isThorough: true });
    assertEquals(listJournals(path).length, 1);
    parts.own(8);
    await parts.settle({ isThorough: true });

    assertEquals(listJournals(path), []);
    assertEquals(read(), [1]);
  });
});
