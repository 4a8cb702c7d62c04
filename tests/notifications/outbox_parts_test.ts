import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { OutboxParts } from "../../src/notifications/outbox_parts.ts";
import { TempFolder } from "../support/temp.ts";

const LIMITS = { limit: 100, maxCharacters: 1_000_000 };

async function withParts(
  test: (scene: {
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
    assertEquals([parts.lastSequence, parts.ends], [4, { 0: 3, 1: 1 }]);

    book.advance("e", { 0: 2 });
    parts.prune();

    assertEquals(parts.backlog("e"), { pending: 2, oldestMs: 3 });
    assertEquals(read({ 0: 0, 1: 0 }), [3, 4]);
    assertEquals(parts.sizeBytes > 0, true);
  });
});
