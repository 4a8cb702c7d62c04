import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxDesk } from "../../src/notifications/outbox_desk.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { OutboxParts } from "../../src/notifications/outbox_parts.ts";
import { TempFolder } from "../support/temp.ts";

const LIMITS = { limit: 100, maxCharacters: 1000 };

async function buried(folder: TempFolder): Promise<string> {
  const path = folder.join("o.db");
  const book = new OutboxBook(path);
  book.setEndpoints(["a", "b"], {});
  const death = { reason: "refused", tries: 2, atMs: 5 };
  book.bury("a", { events: ['"1"', '"2"'], positions: {}, death });
  book.close();
  const part = new OutboxPart(`${path}.0`);
  part.append([{ sequence: 1, event: '"3"', atMs: 7, isPull: false }]);
  part.close();
  return await Promise.resolve(path);
}

Deno.test("OutboxDesk.replay sends dead letters to their own endpoint alone, after what waits", async () => {
  await using folder = await TempFolder.make();
  const path = await buried(folder);
  const desk = new OutboxDesk(path);
  assertEquals(desk.backlogs(), [
    { endpoint: "a", pending: 1, oldestMs: 7 },
    { endpoint: "b", pending: 1, oldestMs: 7 },
  ]);
  assertEquals(desk.deadLetters().map(({ endpoint, event }) => [endpoint, event]), [
    ["a", '"1"'],
    ["a", '"2"'],
  ]);

  assertEquals([await desk.replay(), await desk.replay()], [2, 0]);

  assertEquals(desk.deadLetters(), []);
  desk.close();
  const book = new OutboxBook(path);
  const parts = new OutboxParts(path, book);
  parts.discover();
  const numbers = new EventNumbers();
  const events = (endpoint: string) =>
    parts.read(endpoint, { positions: {}, numbers, ...LIMITS }).map(({ event }) => event);
  assertEquals(events("b"), ['"3"']);
  while (events("a").length < 3) await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(events("a"), ['"3"', '"1"', '"2"']);
  parts.close();
  book.close();
});

Deno.test("OutboxDesk.drop forgets dead letters", async () => {
  await using folder = await TempFolder.make();
  const desk = new OutboxDesk(await buried(folder));

  assertEquals([desk.drop(), desk.drop()], [2, 0]);
  assertEquals(desk.deadLetters(), []);
  desk.close();
});
