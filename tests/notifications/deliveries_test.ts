import { getLogger } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import type { EndpointConfig } from "../../src/config/config.ts";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { Deliveries, endpointKeys } from "../../src/notifications/deliveries.ts";
import { OutboxBook } from "../../src/notifications/outbox_book.ts";
import { OutboxPart } from "../../src/notifications/outbox_part.ts";
import { TempFolder } from "../support/temp.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

Deno.test("endpointKeys tells endpoints apart that have no name, or the same", () => {
  const named = endpointOf({ name: "a" });
  const nameless = endpointOf({ name: "", url: "http://b/" });
  assertEquals(endpointKeys([named, named, nameless]), ["a", "a (2)", "http://b/"]);
});

/** Records an event, as a serving thread does. */
function record(path: string, deliveries: Deliveries, event: string): void {
  const part = new OutboxPart(`${path}.0`);
  const sequence = deliveries.numbers.next();
  part.append([{ sequence, event, atMs: Date.now(), isPull: false }]);
  part.close();
  deliveries.wake();
}

Deno.test("Deliveries sends after a restart what was recorded before it", async () => {
  await using folder = await TempFolder.make();
  const options = { path: folder.join("o.db"), log: getLogger("test") };
  const away = () => Promise.reject(new Error("away"));
  const before = new Deliveries([endpointOf()], { ...options, fetch: away });
  record(options.path, before, eventOf("1"));
  await before.close();

  const sent = Promise.withResolvers<string>();
  const after = new Deliveries([endpointOf()], {
    ...options,
    fetch: (_url, init) => {
      sent.resolve(String(init?.body));
      return Promise.resolve(new Response());
    },
  });
  const { events } = JSON.parse(await sent.promise) as { events: { id: string }[] };
  assertEquals(events.map(({ id }) => id), ["1"]);
  await after.close();
});

/** What endpoints get, by id, until these have come; what was sent last may have come before. */
async function receive(path: string, { until, ...options }: {
  readonly until: readonly string[];
  readonly endpoints: readonly EndpointConfig[];
  readonly before?: (deliveries: Deliveries) => void;
}): Promise<string[]> {
  const received: string[] = [];
  const arrived = Promise.withResolvers<void>();
  const deliveries = new Deliveries(options.endpoints, {
    path,
    log: getLogger("test"),
    fetch: (url, init) => {
      const { events } = JSON.parse(String(init?.body)) as { events: { id: string }[] };
      received.push(...events.map(({ id }) => `${String(url)} ${id}`));
      if (until.every((text) => received.includes(text))) arrived.resolve();
      return Promise.resolve(new Response());
    },
  });
  options.before?.(deliveries);
  await arrived.promise;
  await deliveries.close();
  return received;
}

Deno.test("Deliveries sends what a killed process left in its journals, and removes them", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const endpoints = [endpointOf({ url: "http://a/" })];
  const book = new OutboxBook(path);
  book.setEndpoints(["e"], {});
  book.close();
  const leave = (text: string) =>
    Deno.writeTextFile(`${path}.0.journal-${Date.now() * 1000 + 1}`, text);
  const line = (id: string) => `${Date.now() * 1000} ${Date.now()} 0 ${eventOf(id)}\n`;
  await leave(`${line("1")}${line("2")}${line("3").slice(0, 50)}\0\0`);

  const left = ["http://a/ 1", "http://a/ 2"];
  assertEquals(await receive(path, { until: left, endpoints }), left);

  // One that was not there yet has nothing to do with what was before it.
  await leave(line("4"));
  const until = ["http://a/ 4", "http://a/ 5", "http://b/ 5"];
  const later = await receive(path, {
    until,
    endpoints: [...endpoints, endpointOf({ name: "new", url: "http://b/" })],
    before: (deliveries) => record(path, deliveries, eventOf("5")),
  });
  assertEquals(later.filter((text) => text !== "http://a/ 2").sort(), until);
});

Deno.test("Deliveries sends again rather than pass over events, where the disk lost some of a part", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const endpoints = [endpointOf({ url: "http://a/" })];
  const part = new OutboxPart(`${path}.0`);
  part.append([{ sequence: 1, event: eventOf("1"), atMs: 1, isPull: false }]);
  part.close();
  const book = new OutboxBook(path);
  book.setEndpoints(["e"], {});
  book.advance("e", { 0: 5 });
  book.close();

  const received = await receive(path, {
    until: ["http://a/ 2"],
    endpoints,
    before: (deliveries) => record(path, deliveries, eventOf("2")),
  });

  assertEquals(received, ["http://a/ 2"]);
});

Deno.test("Deliveries keeps endpoints apart: one that never answers holds up no other", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("o.db");
  const arrived = Promise.withResolvers<void>();
  const heard: string[] = [];
  const slow = endpointOf({ name: "slow", url: "http://slow/", timeoutMs: 60_000 });
  const dead = endpointOf({ name: "dead", url: "http://dead/" });
  const meter = createMeter();
  const deliveries = new Deliveries([slow, dead, endpointOf({ url: "http://well/" })], {
    path,
    log: getLogger("test"),
    meter,
    fetch: (url, init) => {
      if (String(url) === "http://dead/") return Promise.reject(new Error("away"));
      if (String(url) === "http://well/") {
        const { events } = JSON.parse(String(init?.body)) as { events: { id: string }[] };
        heard.push(...events.map(({ id }) => id));
        if (heard.length === 3) arrived.resolve();
        return Promise.resolve(new Response());
      }
      const { promise, reject } = Promise.withResolvers<Response>();
      init?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      return promise;
    },
  });

  for (const id of ["1", "2", "3"]) record(path, deliveries, eventOf(id));
  await arrived.promise;

  assertEquals(heard, ["1", "2", "3"]);
  const pending = (endpoint: string) =>
    sumOf(meter.snapshot(), NOTIFICATION_INSTRUMENTS.pending, { endpoint });
  assertEquals([pending("slow"), pending("dead")], [3, 3]);
  await deliveries.close();
});
