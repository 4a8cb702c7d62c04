import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { OutboxPart, type OutboxRow } from "../../src/notifications/outbox_part.ts";
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

/** Appends events of a kind, one at a time, until one is not recorded. */
function fill(part: OutboxPart, isPull: boolean): number {
  for (let count = 0; count < 10_000; count++) {
    try {
      const event = "x".repeat(3000);
      if (part.append([row(count, { isPull, event })]).droppedPulls > 0) return count;
    } catch {
      return count;
    }
  }
  throw new Error("the outbox has no limit");
}

Deno.test("OutboxPart leaves out pulls while there is room for others, then removes them, then is full", async () => {
  await using folder = await TempFolder.make();
  const part = new OutboxPart(folder.join("p"), { maxBytes: 2_000_000 });

  const pulls = fill(part, true);
  const rows = [row(1, { isPull: true }), row(2)];
  assertEquals(part.append(rows), { droppedPulls: 1 });
  assertEquals(part.append([row(3, { isPull: true })]), { droppedPulls: 1 });
  const sizeBefore = part.sizeBytes;
  assertEquals(sizeBefore < 2_000_000, true);
  const pushes = fill(part, false);

  // The first fill of pushes ended where the oldest pulls had to go.
  assertEquals(pushes > 0 && pulls > 0, true);
  const waiting = () => part.waiting({ endpoint: "e", after: 0, limit: 10_000 }).count;
  assertEquals(waiting() < pulls + pushes + 2, true);
  const error = assertThrows(() => {
    for (let count = 0; count < 10_000; count++) {
      part.append([row(count, { event: "x".repeat(3000) })]);
    }
  }, OutboxError);
  assertEquals(error.code, "full");
  // A little more, as it is measured after every hundred events.
  assertEquals(part.sizeBytes < 2_500_000, true);
  assertEquals(part.append([row(9, { isPull: true })]), { droppedPulls: 1 });
  part.close();
});

Deno.test("OutboxPart says that it cannot be opened", () => {
  assertThrows(
    () => new OutboxPart("/nowhere/p"),
    OutboxError,
    'Cannot open the outbox "/nowhere/p"',
  );
});
