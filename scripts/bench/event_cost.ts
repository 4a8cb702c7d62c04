/**
 * What events cost: the rate of pulls and pushes with one endpoint, beside the rate without any.
 *
 * Two registries take turns on the same machine; the one whose turn it is not is stopped, so that what
 * it has still to send disturbs nobody. Its own turn it begins with all that is left to send from the
 * last one: sending never pauses while its rate is measured. The endpoint runs on the machine as well,
 * but gives way to all that is measured, as if it were elsewhere.
 *
 * Usage: `deno run -A --unstable-net scripts/bench/event_cost.ts [--rounds=24] [--seconds=1] [--batch=1]`
 *
 * @module
 */
import { createHash } from "node:crypto";
import { parseArgs } from "@std/cli/parse-args";
import { type Registry, startStowage } from "../../tests/support/servers.ts";
import { type Address, expectStatus, HttpConnection } from "./http_connection.ts";
import { loadWithGet } from "./load_tools.ts";
import { startNullServer } from "./null_server.ts";
import { median } from "./statistics.ts";

/** Clients at a time; pulls come from `wrk`, which costs the machine least. */
const CLIENTS = 16;

const TYPE = "application/vnd.oci.image.index.v1+json";
const ENCODER = new TextEncoder();

/** A kind of request, and how often a second it is answered. */
interface Figure {
  readonly title: string;
  rate(registry: Registry, seconds: number): Promise<number>;
}

const FIGURES: readonly Figure[] = [
  {
    title: "pull a manifest by tag",
    async rate({ url }, seconds) {
      const target = { url: `${url}/v2/team/app/manifests/v1`, seconds, connections: CLIENTS };
      const { requestsPerSecond, failed, otherStatus } = await loadWithGet(target);
      if (failed + otherStatus > 0) throw new Error("pulls failed");
      return requestsPerSecond;
    },
  },
  {
    title: "push a manifest with a tag",
    rate: (registry, seconds) => rateOf(pushManifest, { registry, seconds }),
  },
  {
    title: "push a blob of 1 KB",
    rate: (registry, seconds) => rateOf(pushBlob, { registry, seconds }),
  },
  {
    title: "push a blob and a manifest, pull both twice",
    rate: (registry, seconds) => rateOf(pushAndPull, { registry, seconds }),
  },
];

type Task = (connection: HttpConnection, id: string) => Promise<unknown>;

/** Pushes a manifest that nobody has pushed yet. @returns the path to pull it from, by tag */
async function pushManifest(connection: HttpConnection, id: string): Promise<string> {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: TYPE,
    manifests: [],
    annotations: { id },
  });
  const path = `/v2/team/app/manifests/t${id.slice(-3)}`;
  const answer = await connection.send({
    method: "PUT",
    path,
    headers: { "Content-Type": TYPE },
    body: [ENCODER.encode(text)],
  });
  expectStatus(answer, { what: "a push", expected: [201] });
  return path;
}

/** Pushes a blob that nobody has pushed yet. @returns the path to pull it from */
async function pushBlob(connection: HttpConnection, id: string): Promise<string> {
  const bytes = ENCODER.encode(id.padEnd(1000));
  const digest = createHash("sha256").update(bytes).digest("hex");
  const answer = await connection.send({
    method: "POST",
    path: `/v2/team/app/blobs/uploads/?digest=sha256:${digest}`,
    headers: { "Content-Type": "application/octet-stream" },
    body: [bytes],
  });
  expectStatus(answer, { what: "a push", expected: [201] });
  return `/v2/team/app/blobs/sha256:${digest}`;
}

/** Two pushes and four pulls: what a registry sees where each image goes to two machines. */
async function pushAndPull(connection: HttpConnection, id: string): Promise<void> {
  const paths = [await pushBlob(connection, id), await pushManifest(connection, id)];
  for (const path of [...paths, ...paths]) {
    const answer = await connection.send({ method: "GET", path });
    expectStatus(answer, { what: "a pull", expected: [200] });
  }
}

/** How often a second all clients together get a task done. */
async function rateOf(
  task: Task,
  { registry, seconds }: { readonly registry: Registry; readonly seconds: number },
): Promise<number> {
  const address: Address = { hostname: "127.0.0.1", port: registry.port };
  const prefix = crypto.randomUUID();
  const endMs = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    using connection = await HttpConnection.open(address);
    while (performance.now() < endMs) await task(connection, `${prefix}-${done++}`);
  }));
  return done / seconds;
}

async function start(folder: string, notifications: unknown): Promise<Registry> {
  await Deno.mkdir(folder);
  const registry = await startStowage({ folder, config: { notifications } });
  using connection = await HttpConnection.open({ hostname: "127.0.0.1", port: registry.port });
  const manifest = ENCODER.encode(
    JSON.stringify({ schemaVersion: 2, mediaType: TYPE, manifests: [] }),
  );
  const answer = await connection.send({
    method: "PUT",
    path: "/v2/team/app/manifests/v1",
    headers: { "Content-Type": TYPE },
    body: [manifest],
  });
  expectStatus(answer, { what: "a push", expected: [201] });
  return registry;
}

/** How much is measured. */
export interface EventCostOptions {
  /** How often each registry has its turn, for each kind of request. */
  readonly rounds: number;
  /** Length of a turn, a whole number. */
  readonly seconds: number;
  /** Most events that go into one post. @default 1 */
  readonly batch?: number;
}

/** What events cost a kind of request. */
export interface EventCost {
  readonly title: string;
  /** Answers a second, without an endpoint and with one. */
  readonly without: number;
  readonly withEvents: number;
  /** The rate with events as a part of the other: the median of turns that followed each other. */
  readonly share: number;
}

/** Measures one kind of request after the other. */
export async function* measureEventCost(
  { rounds, seconds, batch = 1 }: EventCostOptions,
): AsyncGenerator<EventCost, void, undefined> {
  const folder = await Deno.makeTempDir({ prefix: "stowage-event-cost-" });
  using endpoint = await startNullServer({ givesWay: true });
  const url = `http://127.0.0.1:${endpoint.address.port}/`;
  try {
    await using without = await start(`${folder}/without`, {});
    await using withEvents = await start(`${folder}/with`, {
      endpoints: [{ name: "endpoint", url, batch: { events: batch } }],
    });
    const registries = [without, withEvents] as const;
    for (const { process } of registries) Deno.kill(process.pid, "SIGSTOP");
    for (const figure of FIGURES) yield await measure(figure, { registries, rounds, seconds });
    for (const { process } of registries) Deno.kill(process.pid, "SIGCONT");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(
  { title, rate }: Figure,
  { registries, rounds, seconds }: EventCostOptions & {
    readonly registries: readonly [without: Registry, withEvents: Registry];
  },
): Promise<EventCost> {
  const pairs: { readonly without: number; readonly withEvents: number }[] = [];
  const turn = async (registry: Registry) => {
    Deno.kill(registry.process.pid, "SIGCONT");
    const measured = await rate(registry, seconds);
    Deno.kill(registry.process.pid, "SIGSTOP");
    return measured;
  };
  const [first, second] = registries;
  for (let round = 0; round < rounds; round++) {
    // Each comes as often before the other as after it.
    if (round % 2 === 0) {
      pairs.push({ without: await turn(first), withEvents: await turn(second) });
    } else {
      pairs.push({ withEvents: await turn(second), without: await turn(first) });
    }
  }
  return {
    title,
    without: median(pairs.map(({ without }) => without)),
    withEvents: median(pairs.map(({ withEvents }) => withEvents)),
    // The machine is not always as fast: only what was measured side by side is compared.
    share: median(pairs.map(({ without, withEvents }) => withEvents / without)),
  };
}

/** One line for a person. */
export function renderEventCost({ title, without, withEvents, share }: EventCost): string {
  const rates = `${without.toFixed(0)} a second, with events ${withEvents.toFixed(0)}`;
  return `events: ${title}: ${rates}, ${(share * 100).toFixed(0)} %`;
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { default: { rounds: 24, seconds: 1, batch: 1 } });
  for await (const cost of measureEventCost(options as EventCostOptions)) {
    console.log(renderEventCost(cost));
  }
}
