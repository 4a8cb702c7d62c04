import { assertEquals, assertThrows } from "@std/assert";
import { OutboxError } from "../../src/notifications/errors.ts";
import { Outbox } from "../../src/notifications/outbox.ts";

function rows(...events: string[]) {
  return events.map((event, index) => ({ event: JSON.stringify(event), atMs: 1000 + index }));
}

function outboxFor(...endpoints: string[]): Outbox {
  const outbox = new Outbox(":memory:");
  outbox.setEndpoints(endpoints);
  return outbox;
}

function events(outbox: Outbox, endpoint: string): string[] {
  return outbox.read(endpoint, 100).map(({ event }) => JSON.parse(event));
}

Deno.test("Outbox keeps events in order, with a position for each endpoint", () => {
  const outbox = outboxFor("a", "b");
  outbox.append(rows("1", "2"), { durable: true });
  outbox.append(rows("3"), { durable: false });

  outbox.advance("a", outbox.read("a", 2)[1]?.sequence ?? 0);

  assertEquals(events(outbox, "a"), ["3"]);
  assertEquals(events(outbox, "b"), ["1", "2", "3"]);
  assertEquals(outbox.backlog("b"), { pending: 3, oldestMs: 1000 });
  outbox.close();
});

Deno.test("Outbox forgets what every endpoint has, and nothing else", () => {
  const outbox = outboxFor("a", "b");
  outbox.append(rows("1", "2"), { durable: true });
  const [first] = outbox.read("a", 1);
  outbox.advance("a", (first?.sequence ?? 0) + 1);
  outbox.advance("b", first?.sequence ?? 0);

  outbox.prune();

  assertEquals(events(outbox, "b"), ["2"]);
  outbox.close();
});

Deno.test("Outbox.setEndpoints begins with the next event for one that is new", () => {
  const outbox = outboxFor("a");
  outbox.append(rows("1"), { durable: true });

  outbox.setEndpoints(["a", "b"]);
  outbox.append(rows("2"), { durable: true });

  assertEquals(events(outbox, "a"), ["1", "2"]);
  assertEquals(events(outbox, "b"), ["2"]);
  outbox.close();
});

Deno.test("Outbox.replay sends a dead letter to its own endpoint alone", () => {
  const outbox = outboxFor("a", "b");
  outbox.append(rows("1"), { durable: true });
  const [entry] = outbox.read("a", 1);
  if (entry === undefined) throw new Error("nothing was recorded");
  outbox.bury("a", entry, { reason: "refused", tries: 2, atMs: 5 });
  outbox.advance("b", entry.sequence);
  assertEquals(outbox.deadLetters().map(({ endpoint, reason }) => [endpoint, reason]), [
    ["a", "refused"],
  ]);

  assertEquals(outbox.replay(), 1);

  assertEquals(events(outbox, "a"), ["1"]);
  assertEquals(events(outbox, "b"), []);
  assertEquals(outbox.deadLetters(), []);
  outbox.close();
});

Deno.test("Outbox.drop forgets dead letters", () => {
  const outbox = outboxFor("a");
  outbox.append(rows("1"), { durable: true });
  for (const entry of outbox.read("a", 1)) {
    outbox.bury("a", entry, { reason: "", tries: 1, atMs: 5 });
  }

  assertEquals(outbox.drop(), 1);
  assertEquals(outbox.deadLetters(), []);
  outbox.close();
});

Deno.test("Outbox.append refuses what goes beyond its size", () => {
  const outbox = new Outbox(":memory:", { maxBytes: 1 });

  const error = assertThrows(() => outbox.append(rows("1"), { durable: true }), OutboxError);

  assertEquals((error as OutboxError).code, "full");
  outbox.close();
});

Deno.test("Outbox has after a reopening what it had before", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/outbox.db`;
  try {
    const before = new Outbox(path);
    before.setEndpoints(["a"]);
    before.append(rows("1"), { durable: true });
    before.close();

    const after = new Outbox(path);
    after.setEndpoints(["a"]);

    assertEquals(events(after, "a"), ["1"]);
    after.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
