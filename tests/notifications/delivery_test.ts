import { assertEquals } from "@std/assert";
import type { EndpointConfig } from "../../src/config/config.ts";
import { Delivery } from "../../src/notifications/delivery.ts";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import type { PartEntry } from "../../src/notifications/outbox_parts.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

type Report = Parameters<ConstructorParameters<typeof Delivery>[1]["report"]>[0];

interface Scene {
  readonly timers: ManualTimers;
  /** Ids of the events of each post. */
  readonly posts: string[][];
  readonly reports: Report[];
  readonly delivery: Delivery;
  append(...events: readonly string[]): void;
  /** The place up to which it has reported that the endpoint has everything. */
  position(): number;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Statuses that the endpoint answers one after the other; then 200. */
function sceneOf(
  events: readonly string[],
  { endpoint = {}, statuses = [] }: {
    readonly endpoint?: Partial<EndpointConfig>;
    readonly statuses?: readonly number[];
  },
): Scene {
  const entries: PartEntry[] = [];
  const append = (...more: readonly string[]) => {
    for (const event of more) {
      entries.push({
        part: "0",
        id: entries.length + 1,
        sequence: entries.length + 1,
        event,
        atMs: 0,
      });
    }
  };
  append(...events);
  const timers = new ManualTimers();
  const posts: string[][] = [];
  const reports: Report[] = [];
  const answers = [...statuses];
  const delivery = new Delivery(endpointOf(endpoint), {
    parts: {
      discover() {},
      read: (_key, { positions, limit }) =>
        entries.filter(({ id }) => id > (positions["0"] ?? 0)).slice(0, limit),
    },
    numbers: new EventNumbers({ clock: timers }),
    key: "e",
    report: (report) => reports.push(report),
    clock: timers,
    timers,
    random: () => 0.5,
    fetch: (_url, init) => {
      const { events } = JSON.parse(String(init?.body)) as { events: { id: string }[] };
      posts.push(events.map(({ id }) => id));
      return Promise.resolve(new Response(null, { status: answers.shift() ?? 200 }));
    },
  });
  return {
    timers,
    posts,
    reports,
    delivery,
    append,
    position: () =>
      Math.max(
        0,
        ...reports.map((report) => "positions" in report ? report.positions["0"] ?? 0 : 0),
      ),
    [Symbol.asyncDispose]: () => delivery.close(),
  };
}

Deno.test("Delivery sends events in order, one a post", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {});

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"], ["2"]]);
  assertEquals(scene.position(), 2);
});

Deno.test("Delivery sends what failed again before anything else, and pauses at the threshold", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], { statuses: [500, 500, 500] });
  await scene.timers.pass(0);
  assertEquals(scene.posts, [["1"], ["1"]]);

  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);

  assertEquals(scene.posts, [["1"], ["1"], ["1"], ["1"], ["2"]]);
});

Deno.test("Delivery keeps as a dead letter what fails too often, and goes on", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {
    endpoint: { deadLetter: { tries: 2, ageMs: 0 }, threshold: 10 },
    statuses: [400, 400],
  });

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"], ["1"], ["2"]]);
  const buried = scene.reports.filter((report) => report.kind === "buried");
  assertEquals(buried, [{
    kind: "buried",
    events: [eventOf("1")],
    positions: { 0: 1 },
    death: { reason: "the endpoint answered 400", tries: 2, atMs: 0 },
  }]);
});

Deno.test("Delivery leaves out what the endpoint ignores", async () => {
  await using scene = sceneOf([eventOf("1", "pull"), eventOf("2")], {
    endpoint: { ignore: { mediaTypes: [], actions: ["pull"] } },
  });

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["2"]]);
  assertEquals(scene.position(), 2);
});

Deno.test("Delivery gathers events for a batch until it is full or the delay is over", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2"), eventOf("3")], {
    endpoint: { batch: { events: 2, delayMs: 0 } },
  });
  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1", "2"], ["3"]]);
});

Deno.test("Delivery begins at once with an event that it is told of", async () => {
  await using scene = sceneOf([], {});
  await scene.timers.pass(0);

  scene.append(eventOf("1"));
  scene.delivery.wake();
  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"]]);
});

Deno.test("Delivery counts what it does, and tells when an endpoint begins to fail", async () => {
  await using scene = sceneOf([eventOf("1")], { statuses: [500, 500] });
  await scene.timers.pass(0);
  await scene.timers.pass(1000);

  const counts = scene.reports.flatMap((report) => report.kind === "progress" ? report.counts : []);
  assertEquals(counts, [
    { Events: 1, Successes: 0, Failures: 2, Errors: 0, statuses: { "500": 2 } },
    { Events: 0, Successes: 1, Failures: 0, Errors: 0, statuses: { "200": 1 } },
  ]);
  const failing = scene.reports.filter(({ kind }) => kind === "failing");
  assertEquals(failing, [{ kind: "failing", reason: "the endpoint answered 500" }]);
});

Deno.test("Delivery gives up what is too old when it fails", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {
    endpoint: { threshold: 1, backoffMs: 1000, deadLetter: { tries: 0, ageMs: 1000 } },
    statuses: [500, 500],
  });
  await scene.timers.pass(0);
  await scene.timers.pass(1000);

  assertEquals(scene.posts, [["1"], ["1"], ["2"]]);
  assertEquals(scene.reports.filter(({ kind }) => kind === "buried").length, 1);
});
