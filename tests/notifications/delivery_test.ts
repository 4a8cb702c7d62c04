import { getLogger } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import type { EndpointConfig } from "../../src/config/config.ts";
import { Delivery } from "../../src/notifications/delivery.ts";
import { Outbox } from "../../src/notifications/outbox.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { endpointOf, eventOf } from "./_endpoint.ts";

interface Scene {
  readonly outbox: Outbox;
  readonly timers: ManualTimers;
  /** Ids of the events of each post. */
  readonly posts: string[][];
  readonly delivery: Delivery;
  close(): Promise<void>;
}

/** Statuses that the endpoint answers one after the other; then 200. */
function sceneOf(
  events: readonly string[],
  { endpoint = {}, statuses = [] }: {
    readonly endpoint?: Partial<EndpointConfig>;
    readonly statuses?: readonly number[];
  },
): Scene {
  const outbox = new Outbox(":memory:");
  outbox.setEndpoints(["e"]);
  outbox.append(events.map((event) => ({ event, atMs: 0 })), { durable: true });
  const timers = new ManualTimers();
  const posts: string[][] = [];
  const answers = [...statuses];
  const delivery = new Delivery(endpointOf(endpoint), {
    outbox,
    key: "e",
    log: getLogger("test"),
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
    outbox,
    timers,
    posts,
    delivery,
    async close() {
      await delivery.close();
      outbox.close();
    },
  };
}

Deno.test("Delivery sends events in order, one a post", async () => {
  const scene = sceneOf([eventOf("1"), eventOf("2")], {});

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"], ["2"]]);
  assertEquals(scene.outbox.backlog("e").pending, 0);
  await scene.close();
});

Deno.test("Delivery sends what failed again before anything else, and pauses at the threshold", async () => {
  const scene = sceneOf([eventOf("1"), eventOf("2")], { statuses: [500, 500, 500] });
  await scene.timers.pass(0);
  assertEquals(scene.posts, [["1"], ["1"]]);

  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);

  assertEquals(scene.posts, [["1"], ["1"], ["1"], ["1"], ["2"]]);
  await scene.close();
});

Deno.test("Delivery keeps as a dead letter what fails too often, and goes on", async () => {
  const scene = sceneOf([eventOf("1"), eventOf("2")], {
    endpoint: { deadLetter: { tries: 2, ageMs: 0 }, threshold: 10 },
    statuses: [400, 400],
  });

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"], ["1"], ["2"]]);
  assertEquals(scene.outbox.deadLetters().map(({ tries }) => tries), [2]);
  await scene.close();
});

Deno.test("Delivery leaves out what the endpoint ignores", async () => {
  const scene = sceneOf([eventOf("1", "pull"), eventOf("2")], {
    endpoint: { ignore: { mediaTypes: [], actions: ["pull"] } },
  });

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["2"]]);
  assertEquals(scene.outbox.backlog("e").pending, 0);
  await scene.close();
});

Deno.test("Delivery gathers events for a batch until it is full or the delay is over", async () => {
  const scene = sceneOf([eventOf("1"), eventOf("2"), eventOf("3")], {
    endpoint: { batch: { events: 2, delayMs: 0 } },
  });
  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1", "2"], ["3"]]);
  await scene.close();
});

Deno.test("Delivery begins at once with an event that it is told of", async () => {
  const scene = sceneOf([], {});
  await scene.timers.pass(0);

  scene.outbox.append([{ event: eventOf("1"), atMs: 0 }], { durable: true });
  scene.delivery.notify();
  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"]]);
  await scene.close();
});
