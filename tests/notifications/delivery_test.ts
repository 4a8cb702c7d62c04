import { assertEquals } from "@std/assert";
import type { EndpointConfig } from "../../src/config/config.ts";
import { Delivery } from "../../src/notifications/delivery.ts";
import { EventNumbers } from "../../src/notifications/event_numbers.ts";
import type { PartEntry } from "../../src/notifications/outbox_parts.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { until } from "../support/until.ts";
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

/** What becomes of a post: a status, no connection, or a connection without an answer. */
type Outcome = number | "away" | "silent";

/** Outcomes of posts, one after the other; then the endpoint answers 200. */
function sceneOf(
  events: readonly string[],
  { endpoint = {}, outcomes = [], random = () => 0.5, send }: {
    readonly endpoint?: Partial<EndpointConfig>;
    readonly outcomes?: readonly Outcome[];
    readonly random?: () => number;
    /** What posts instead. */
    readonly send?: typeof fetch;
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
  const left = [...outcomes];
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
    random,
    fetch: send ?? ((_url, init) => {
      const { events } = JSON.parse(String(init?.body)) as { events: { id: string }[] };
      posts.push(events.map(({ id }) => id));
      return answerWith(left.shift() ?? 200, init?.signal);
    }),
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

function answerWith(outcome: Outcome, signal?: AbortSignal | null): Promise<Response> {
  if (outcome === "away") return Promise.reject(new Error("connection refused"));
  if (outcome !== "silent") return Promise.resolve(new Response(null, { status: outcome }));
  const { promise, reject } = Promise.withResolvers<Response>();
  signal?.addEventListener("abort", () => reject(new Error("aborted")));
  return promise;
}

Deno.test("Delivery sends events in order, one a post", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {});

  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1"], ["2"]]);
  assertEquals(scene.position(), 2);
});

Deno.test("Delivery sends what failed again before anything else, and pauses at the threshold", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], { outcomes: [500, 500, 500] });
  await scene.timers.pass(0);
  assertEquals(scene.posts, [["1"], ["1"]]);

  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);
  assertEquals(scene.posts.length, 3);
  await scene.timers.pass(1000);

  assertEquals(scene.posts, [["1"], ["1"], ["1"], ["1"], ["2"]]);
});

for (
  const { title, draw, pausesMs } of [
    { title: "", draw: 0.5, pausesMs: [1000, 2000, 4000, 4000] },
    { title: ", a quarter less", draw: 0, pausesMs: [750, 1500, 3000, 3000] },
    { title: ", almost a quarter more", draw: 0.9, pausesMs: [1200, 2400, 4800, 4800] },
  ]
) {
  Deno.test(`Delivery doubles its pauses up to the longest${title}`, async () => {
    await using scene = sceneOf([eventOf("1")], {
      endpoint: { threshold: 1, backoffMs: 1000, maxBackoffMs: 4000 },
      outcomes: pausesMs.map(() => 500),
      random: () => draw,
    });
    await scene.timers.pass(0);
    for (const [index, pauseMs] of pausesMs.entries()) {
      await scene.timers.pass(pauseMs - 1);
      assertEquals(scene.posts.length, index + 1);
      await scene.timers.pass(1);
      assertEquals(scene.posts.length, index + 2);
    }
    assertEquals(scene.position(), 1);
  });
}

Deno.test("Delivery begins with short pauses again when the endpoint has taken something", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {
    endpoint: { threshold: 1 },
    outcomes: [500, 500, 200, 500],
  });
  await scene.timers.pass(0);
  await scene.timers.pass(1000);
  await scene.timers.pass(2000);
  assertEquals(scene.posts, [["1"], ["1"], ["1"], ["2"]]);
  await scene.timers.pass(1000);

  assertEquals(scene.posts.at(-1), ["2"]);
  assertEquals(scene.position(), 2);
});

Deno.test("Delivery gives up a post that is not answered in time, and sends it again", async () => {
  await using scene = sceneOf([eventOf("1")], {
    endpoint: { timeoutMs: 700, threshold: 1 },
    outcomes: ["silent", "away"],
  });
  await scene.timers.pass(0);
  await scene.timers.pass(699);
  assertEquals(scene.reports, []);
  await scene.timers.pass(1);
  await scene.timers.pass(1000);
  await scene.timers.pass(2000);

  assertEquals(scene.posts, [["1"], ["1"], ["1"]]);
  const failing = scene.reports.filter(({ kind }) => kind === "failing");
  assertEquals(failing, [{ kind: "failing", reason: "no answer within 700 ms" }]);
  const counts = scene.reports.flatMap((report) => report.kind === "progress" ? report.counts : []);
  assertEquals(counts, [
    { Events: 1, Successes: 0, Failures: 0, Errors: 1, statuses: {} },
    { Events: 0, Successes: 0, Failures: 0, Errors: 1, statuses: {} },
    { Events: 0, Successes: 1, Failures: 0, Errors: 0, statuses: { "200": 1 } },
  ]);
});

Deno.test("Delivery takes no redirect that makes a GET of a post for an answer", async () => {
  for (const status of [301, 302, 303]) {
    await using scene = sceneOf([eventOf("1")], { endpoint: { threshold: 1 }, outcomes: [status] });
    await scene.timers.pass(0);
    assertEquals(scene.position(), 0);
    await scene.timers.pass(1000);

    assertEquals(scene.posts, [["1"], ["1"]]);
    const failing = scene.reports.filter(({ kind }) => kind === "failing");
    assertEquals(failing, [{ kind: "failing", reason: `the endpoint answered ${status}` }]);
  }
});

Deno.test("Delivery follows a redirect that leaves a post one", async () => {
  for (const status of [307, 308]) {
    const sent: string[] = [];
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const { pathname, origin } = new URL(request.url);
        sent.push(`${request.method} ${pathname} ${(await request.text()).includes('"1"')}`);
        const headers = { location: `${origin}/there` };
        return new Response(null, pathname === "/there" ? {} : { status, headers });
      },
    );
    const endpoint = { url: `http://127.0.0.1:${server.addr.port}/`, timeoutMs: 60_000 };
    await using scene = sceneOf([eventOf("1")], { endpoint, send: fetch });
    await until(() => scene.position() === 1);

    assertEquals(sent.at(-1), "POST /there true");
  }
});

Deno.test("Delivery keeps as a dead letter what fails too often, and goes on", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2")], {
    endpoint: { deadLetter: { tries: 2, ageMs: 0 }, threshold: 10 },
    outcomes: [400, 400],
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

Deno.test("Delivery leaves out what the endpoint ignores, by action and by media type", async () => {
  const ofManifest = eventOf("3").replace("text/plain", "text/other");
  const events = [eventOf("1", "pull"), eventOf("2"), ofManifest];
  await using actions = sceneOf(events, {
    endpoint: { ignore: { mediaTypes: [], actions: ["pull"] } },
  });
  await using mediaTypes = sceneOf(events, {
    endpoint: { ignore: { mediaTypes: ["text/plain"], actions: [] } },
  });

  await actions.timers.pass(0);
  await mediaTypes.timers.pass(0);

  assertEquals(actions.posts, [["2"], ["3"]]);
  assertEquals(mediaTypes.posts, [["3"]]);
  assertEquals([actions.position(), mediaTypes.position()], [3, 3]);
});

Deno.test("Delivery puts as many events into a post as a batch may have", async () => {
  await using scene = sceneOf([eventOf("1"), eventOf("2"), eventOf("3")], {
    endpoint: { batch: { events: 2, delayMs: 0 } },
  });
  await scene.timers.pass(0);

  assertEquals(scene.posts, [["1", "2"], ["3"]]);
});

Deno.test("Delivery lets a batch that is not full wait for others, until the delay is over", async () => {
  const endpoint = { batch: { events: 3, delayMs: 500 } };
  await using scene = sceneOf([eventOf("1")], { endpoint });
  await scene.timers.pass(0);
  scene.append(eventOf("2"));
  scene.delivery.wake();
  await scene.timers.pass(499);
  assertEquals(scene.posts, []);
  await scene.timers.pass(1);

  assertEquals(scene.posts, [["1", "2"]]);

  await using full = sceneOf([eventOf("1"), eventOf("2"), eventOf("3")], { endpoint });
  await full.timers.pass(0);
  assertEquals(full.posts, [["1", "2", "3"]]);
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
  await using scene = sceneOf([eventOf("1")], { outcomes: [500, 500] });
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
    outcomes: [500, 500],
  });
  await scene.timers.pass(0);
  await scene.timers.pass(1000);

  assertEquals(scene.posts, [["1"], ["1"], ["2"]]);
  assertEquals(scene.reports.filter(({ kind }) => kind === "buried").length, 1);
});
