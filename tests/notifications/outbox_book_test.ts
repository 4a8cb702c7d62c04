import { assertEquals } from "@std/assert";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { TempFolder } from "../support/temp.ts";

const DEATH = { reason: "refused", tries: 2, atMs: 5 };

Deno.test("OutboxBook knows how far each endpoint is, through a reopening", async () => {
  await using folder = await TempFolder.make();
  const before = new OutboxBook(folder.join("b"));
  before.setEndpoints(["a", "b"], { 0: 7 });
  before.advance("a", { 0: 9, 1: 3 });
  before.close();

  const book = new OutboxBook(folder.join("b"));
  book.setEndpoints(["a", "b"], { 0: 100 });

  assertEquals(["0", "1"].map((part) => book.position("a", part)), [9, 3]);
  assertEquals(["0", "1"].map((part) => book.passed(part)), [7, 0]);
  book.close();
});

Deno.test("OutboxBook.limitPositions takes endpoints back that are too far, and no others", async () => {
  await using folder = await TempFolder.make();
  const book = new OutboxBook(folder.join("b"));
  book.setEndpoints(["a", "b"], { 0: 7, 1: 5 });
  book.advance("b", { 0: 3 });

  book.limitPositions({ 0: 4 });

  assertEquals(["a", "b"].map((endpoint) => book.position(endpoint, "0")), [4, 3]);
  assertEquals(book.position("a", "1"), 5);
  book.close();
});

Deno.test("OutboxBook.setEndpoints begins at the end for one that is new, and forgets the others", async () => {
  await using folder = await TempFolder.make();
  const book = new OutboxBook(folder.join("b"));
  book.setEndpoints(["a"], { 0: 1 });
  book.setEndpoints(["b"], { 0: 4 });

  assertEquals(book.endpoints(), ["b"]);
  assertEquals(book.position("b", "0"), 4);
  book.setEndpoints(["a", "b"], { 0: 8 });
  assertEquals(book.position("a", "0"), 8);
  book.close();
});

Deno.test("OutboxBook.bury keeps what an endpoint would not take, and goes on", async () => {
  await using folder = await TempFolder.make();
  const book = new OutboxBook(folder.join("b"));
  book.setEndpoints(["a"], {});

  book.bury("a", { events: ['"1"', '"2"'], positions: { 0: 2 }, death: DEATH });

  assertEquals(book.position("a", "0"), 2);
  assertEquals(
    book.deadLetters(),
    [
      { id: 1, endpoint: "a", event: '"1"', ...DEATH },
      { id: 2, endpoint: "a", event: '"2"', ...DEATH },
    ].map((letter) => Object.assign(Object.create(null), letter)),
  );
  assertEquals(book.dropDeadLetters(1), 1);
  assertEquals(book.deadLetters().map(({ id }) => id), [2]);
  book.close();
});

Deno.test("OutboxBook.trimDeadLetters lets the oldest go, and no more than it must", async () => {
  await using folder = await TempFolder.make();
  const book = new OutboxBook(folder.join("b"));
  book.setEndpoints(["a"], {});
  const events = Array.from({ length: 500 }, () => `"${"x".repeat(1000)}"`);
  book.bury("a", { events, positions: {}, death: DEATH });
  assertEquals(book.trimDeadLetters(Infinity), 0);

  const dropped = book.trimDeadLetters(300_000);

  assertEquals([dropped >= 200, dropped <= 400], [true, true]);
  assertEquals(book.deadLetters()[0]?.id, dropped + 1);
  assertEquals(book.sizeBytes <= 300_000, true);
  assertEquals(book.trimDeadLetters(1), 500 - dropped);
  book.close();
});
