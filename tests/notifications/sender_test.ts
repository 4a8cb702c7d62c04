import { assertEquals } from "@std/assert";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import { type DeliveryReport, Sender } from "../../src/notifications/sender.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

Deno.test("Sender sends to every endpoint, and says whose report it is", async () => {
  const urls: string[] = [];
  const reports: DeliveryReport[] = [];
  const both = Promise.withResolvers<void>();
  const entry = { part: "0", id: 1, sequence: 1, event: eventOf("1"), atMs: 0 };
  const endpoints = [endpointOf({ url: "http://a/" }), endpointOf({ url: "http://b/" })];
  const sender = new Sender(endpoints, {
    parts: { discover() {}, read: (_key, { positions }) => positions["0"] === 1 ? [] : [entry] },
    numbers: new EventNumbers(),
    keys: ["a", "b"],
    report(report) {
      reports.push(report);
      if (reports.length === 2) both.resolve();
    },
    fetch: (url) => {
      urls.push(String(url));
      return Promise.resolve(new Response());
    },
  });
  await both.promise;
  sender.wake();
  await sender.close();

  assertEquals(urls.sort(), ["http://a/", "http://b/"]);
  assertEquals(reports.map(({ index, kind }) => `${index} ${kind}`).sort(), [
    "0 progress",
    "1 progress",
  ]);
});
