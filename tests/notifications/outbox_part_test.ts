import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import type { OutboxRow } from "../../src/notifications/outbox_row.ts";
import { TempFolder } from "../support/temp.ts";

const ALL = { endpoint: "e", after: 0, upTo: Infinity, limit: 100, maxCharacters: 1000 };

function row(sequence: number, more: Partial<OutboxRow> = {}): OutboxRow {
  return { sequence, event: `"${sequence}"`, atMs: 1000 + sequence, isPull: false, ...more };
}

function numbers(part: OutboxPart, options: Partial<typeof ALL> = {}): number[] {
  return part.read({ ...ALL, ...options }).map(({ sequence }) => sequence);
}

Deno.test("OutboxPart keeps events in order, through a reopening", async () => {
  await using folder = await TempFolder.make();
  const before = new OutboxPart(folder.join("p"));
  before.append([row(1), row(2)]);
  before.append([row(3)]);
  await before.sync();
  before.close();

  const after = new OutboxPart(folder.join("p"));

  assertEquals(numbers(after), [1, 2, 3]);
  assertEquals([after.lastSequence, after.lastId], [3, 3]);
  after.close();
});

Deno.test("OutboxPart is read from a place on, to a number, a count and a length", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"));
  part.append([row(10), row(20), row(30), row(40, { endpoint: "other" })]);

  assertEquals(numbers(part, { after: 1 }), [20, 30]);
  assertEquals(numbers(part, { upTo: 20 }), [10, 20]);
  assertEquals(numbers(part, { limit: 1 }), [10]);
  assertEquals(numbers(part, { maxCharacters: 1 }), [10]);
  assertEquals(numbers(part, { endpoint: "other" }), [10, 20, 30, 40]);
  assertEquals(part.waiting({ ...ALL, after: 1 }), { count: 2, oldestMs: 1020 });
  part.close();
});

Deno.test("OutboxPart.forget leaves the last event, so that places only go up", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"));
  part.append([row(1), row(2), row(3)]);

  assertEquals(part.forget(1), false);
  assertEquals(numbers(part), [2, 3]);
  part.forget(3);
  assertEquals(numbers(part), [3]);
  part.append([row(4)]);
  assertEquals(part.lastId, 4);
  part.close();
});

Deno.test("OutboxPart.forget says whether there is more", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"));
  part.append(Array.from({ length: 1200 }, (_, index) => row(index + 1)));

  assertEquals(part.forget(1200), true);
  while (part.forget(1200));

  assertEquals(numbers(part), [1200]);
  part.close();
});

Deno.test("OutboxPart.removePulls makes room, and leaves the others and the last event", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"));
  part.append([1, 2, 3, 4, 5].map((sequence) => row(sequence, { isPull: sequence !== 3 })));

  assertEquals([part.removePulls(), part.removePulls()], [3, 0]);

  assertEquals(numbers(part), [3, 5]);
  part.append([row(6, { isPull: true }), row(7)]);
  assertEquals(part.removePulls(), 2);
  assertEquals(numbers(part), [3, 7]);
  part.close();
});

Deno.test("OutboxPart.takeOver records the events of a journal once, whoever is first", async () => {
  await using folder = await TempFolder.make();
  const [one, other] = [new OutboxPart(folder.join("p")), new OutboxPart(folder.join("p"))];

  assertEquals(one.takeOver([row(1), row(2)], { number: 7, from: 0, to: 20 }), true);
  assertEquals(other.takeOver([row(1), row(2)], { number: 7, from: 0, to: 20 }), false);
  assertEquals(other.journalPosition(7), 20);
  assertEquals(other.takeOver([row(3)], { number: 7, from: 20, to: 30 }), true);
  assertEquals(one.takeOver([row(4)], { number: 8, from: 0, to: 10 }), true);

  assertEquals(numbers(one), [1, 2, 3, 4]);
  one.forgetJournals(7);
  assertEquals([one.journalPosition(7), one.journalPosition(8)], [0, 10]);
  one.close();
  other.close();
});

Deno.test("OutboxPart.read never gives an event before one that has a lower place", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"));
  part.append([row(20), row(10), row(30)]);

  assertEquals(part.read(ALL).map(({ id, sequence }) => [id, sequence]), [
    [1, 20],
    [2, 20],
    [3, 30],
  ]);
  assertEquals(numbers(part, { upTo: 15 }), []);
  part.close();
});

Deno.test("OutboxPart says that it cannot be opened", () => {
  assertThrows(
    () => new OutboxPart("/nowhere/p"),
    OutboxError,
    'Cannot open the outbox "/nowhere/p"',
  );
});
