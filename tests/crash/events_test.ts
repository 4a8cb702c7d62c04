import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import { freePort } from "../support/process.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { soak } from "./soak.ts";

const KILLS = soak(50, 2);
const REPOSITORIES = ["a", "b", "c", "d"];

/** Least number of answers between two kills. */
const MIN_ANSWERS = 20;

const MANIFEST_TYPE = "application/vnd.oci.image.index.v1+json";
const MANIFEST = '{"schemaVersion":2,"manifests":[]}';

interface ReceivedEvent {
  readonly id: string;
  readonly action: string;
  readonly target: { readonly repository: string; readonly tag?: string; readonly digest: string };
}

/** An endpoint that fails a third of the time, at times after it has taken the events. */
function startEndpoint(received: ReceivedEvent[]): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const chance = Math.random();
    if (chance < 1 / 6) return new Response(null, { status: 500 });
    const { events } = await request.json() as { events: ReceivedEvent[] };
    received.push(...events);
    return new Response(null, { status: chance < 1 / 3 ? 500 : 200 });
  });
}

/** What a client was told that it worked, in the order of the answers, by repository. */
type Ledger = Map<string, string[]>;

/** A request of a client, and the event that it makes. */
interface Step {
  readonly repository: string;
  readonly event: string;
  readonly path: string;
  readonly init: RequestInit;
}

/** What a client does in one turn: everything that makes an event, but pulls. */
function stepsOf(repository: string, turn: string): Step[] {
  const blob = `${repository} ${turn}`;
  const digest = `sha256:${createHash("sha256").update(blob).digest("hex")}`;
  const other = `${repository}-copy`;
  const manifest = `/v2/${repository}/manifests/${turn}`;
  const uploads = (name: string, query: string) => `/v2/${name}/blobs/uploads/?${query}`;
  const headers = { "content-type": MANIFEST_TYPE };
  return [
    {
      repository,
      event: `push ${digest}`,
      path: uploads(repository, `digest=${digest}`),
      init: {
        method: "POST",
        headers: { "content-type": "application/octet-stream" },
        body: blob,
      },
    },
    {
      repository: other,
      event: `mount ${digest}`,
      path: uploads(other, `mount=${digest}&from=${repository}`),
      init: { method: "POST" },
    },
    {
      repository,
      event: `push ${turn}`,
      path: manifest,
      init: { method: "PUT", headers, body: MANIFEST },
    },
    { repository, event: `delete ${turn}`, path: manifest, init: { method: "DELETE" } },
    {
      repository: other,
      event: `delete ${digest}`,
      path: `/v2/${other}/blobs/${digest}`,
      init: { method: "DELETE" },
    },
  ];
}

/** Works until the registry is gone, which at some time this client causes. */
async function work(url: string, name: string, { ledger, kill, round }: {
  readonly ledger: Ledger;
  readonly kill: AbortController;
  readonly round: number;
}): Promise<void> {
  let answers = 0;
  for (let count = 0; !kill.signal.aborted; count++) {
    for (const { repository, event, path, init } of stepsOf(name, `r${round}-${count}`)) {
      try {
        const response = await fetch(url + path, init);
        await response.body?.cancel();
        if (!response.ok) throw new Error(`${event} was answered with ${response.status}`);
      } catch (error) {
        if (error instanceof TypeError) return;
        throw error;
      }
      ledger.set(repository, [...ledger.get(repository) ?? [], event]);
      if (++answers >= MIN_ANSWERS && Math.random() < 0.05) kill.abort();
    }
  }
}

/** The events of a repository without repetitions, as the ledger has them. */
function distinct(received: readonly ReceivedEvent[], repository: string): string[] {
  const byId = new Map(received.map((event) => [event.id, event]));
  return [...byId.values()]
    .filter(({ target }) => target.repository === repository)
    .map(({ action, target }) => `${action} ${target.tag ?? target.digest}`);
}

function isComplete(ledger: Ledger, received: readonly ReceivedEvent[]): boolean {
  return [...ledger].every(([repository, acknowledged]) => {
    const found = new Set(distinct(received, repository));
    return acknowledged.every((text) => found.has(text));
  });
}

Deno.test("events survive kills: each acknowledged one arrives, in order", async () => {
  await using folder = await TempFolder.make();
  const received: ReceivedEvent[] = [];
  await using endpoint = startEndpoint(received);
  const config = {
    http: { workers: 2 },
    notifications: {
      endpoints: [{
        name: "third",
        url: `http://127.0.0.1:${endpoint.addr.port}/`,
        threshold: 3,
        backoff: "10ms",
        maxbackoff: "50ms",
      }],
    },
  };
  const port = freePort();
  const start = (): Promise<Registry> => startStowage({ folder: folder.path, port, config });
  const ledger: Ledger = new Map();
  for (let round = 0; round < KILLS; round++) {
    await using registry = await start();
    const kill = new AbortController();
    kill.signal.addEventListener("abort", () => registry.process.kill());
    await Promise.all(
      REPOSITORIES.map((name) => work(registry.url, name, { ledger, kill, round })),
    );
  }

  await using _registry = await start();
  for (let tries = 0; tries < 300 && !isComplete(ledger, received); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }

  assertEquals(ledger.size, REPOSITORIES.length * 2);
  const events = [...ledger.values()].flat().length;
  const ids = new Set(received.map(({ id }) => id)).size;
  console.log(
    `crash: ${KILLS} kills, ${events} acknowledged events, ${received.length - ids} sent twice`,
  );
  for (const [repository, acknowledged] of ledger) {
    const told = new Set(acknowledged);
    const found = distinct(received, repository).filter((text) => told.has(text));
    assertEquals(found, acknowledged, repository);
  }
});
