import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import type { DeliveryReport } from "../../src/notifications/sender.ts";
import { SenderThread } from "../../src/notifications/sender_thread.ts";
import { TempFolder } from "../support/temp.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

const ENTRY = new URL("../../src/main.ts", import.meta.url).href;

Deno.test("SenderThread sends what others record, and reports it", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const book = new OutboxBook(path);
  book.setEndpoints(["e"], {});
  const part = new OutboxPart(`${path}.0`);
  const numbers = new EventNumbers();
  const record = (id: string) =>
    part.append([{
      sequence: numbers.next(),
      event: eventOf(id),
      atMs: Date.now(),
      isPull: false,
    }]);
  let arrived = Promise.withResolvers<string>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const { events } = await request.json() as { events: { id: string }[] };
      arrived.resolve(events.map(({ id }) => id).join());
      return new Response();
    },
  );
  const reports: DeliveryReport[] = [];
  const sent = Promise.withResolvers<void>();
  const thread = new SenderThread([endpointOf({ url: `http://127.0.0.1:${server.addr.port}/` })], {
    entry: ENTRY,
    keys: ["e"],
    path,
    numbers: numbers.shared,
    ownedSince: 1,
    onDamage() {},
    onUnsettled() {},
    report(report) {
      reports.push(report);
      if ("positions" in report && report.positions["0"] === 2) sent.resolve();
    },
    onFailure: (reason) => arrived.reject(new Error(reason)),
  });
  record("1");
  assertEquals(await arrived.promise, "1");
  arrived = Promise.withResolvers();
  record("2");
  thread.wake();
  assertEquals(await arrived.promise, "2");

  await sent.promise;
  await thread.close();

  assertEquals(reports.every(({ index, kind }) => index === 0 && kind === "progress"), true);
  part.close();
  book.close();
});

Deno.test("SenderThread tells once that it failed, and can be closed then", async () => {
  const failed = Promise.withResolvers<string>();
  const thread = new SenderThread([], {
    entry: "data:application/javascript,throw new Error('no')",
    keys: [],
    path: "/nowhere",
    numbers: new SharedArrayBuffer(8),
    ownedSince: 1,
    onDamage() {},
    onUnsettled() {},
    report() {},
    onFailure: failed.resolve,
  });
  assertEquals((await failed.promise).includes("no"), true);
  await thread.close();
});
