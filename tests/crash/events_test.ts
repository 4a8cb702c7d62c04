import { assertEquals } from "@std/assert";
import { freePort } from "../support/process.ts";
import { type Registry, startStowage } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { soak } from "./soak.ts";

const KILLS = soak(50, 2);
const REPOSITORIES = ["a", "b", "c", "d"];

/** Least number of answers between two kills. */
const MIN_ANSWERS = 10;

const MANIFEST_TYPE = "application/vnd.oci.image.index.v1+json";
const MANIFEST = '{"schemaVersion":2,"manifests":[]}';

interface ReceivedEvent {
  readonly id: string;
  readonly action: string;
  readonly target: { readonly repository: string; readonly tag?: string };
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

/** What a client was told that it worked, in the order of the answers. */
type Ledger = Map<string, string[]>;

/** Pushes tags and deletes every second one, until the registry is gone. */
async function work(url: string, repository: string, { ledger, kill, round }: {
  readonly ledger: Ledger;
  readonly kill: AbortController;
  readonly round: number;
}): Promise<void> {
  const acknowledged = ledger.get(repository) ?? [];
  ledger.set(repository, acknowledged);
  for (let count = 0; !kill.signal.aborted; count++) {
    const tag = `r${round}-${count}`;
    const manifest = `${url}/v2/${repository}/manifests/${tag}`;
    try {
      const headers = { "content-type": MANIFEST_TYPE };
      const pushed = await fetch(manifest, { method: "PUT", headers, body: MANIFEST });
      await pushed.body?.cancel();
      if (pushed.ok) acknowledged.push(`push ${tag}`);
      if (count % 2 === 0) continue;
      const deleted = await fetch(manifest, { method: "DELETE" });
      await deleted.body?.cancel();
      if (deleted.ok) acknowledged.push(`delete ${tag}`);
    } catch {
      return;
    }
    if (count >= MIN_ANSWERS && Math.random() < 0.1) kill.abort();
  }
}

/** The events of a repository without repetitions, as the ledger has them. */
function distinct(received: readonly ReceivedEvent[], repository: string): string[] {
  const byId = new Map(received.map((event) => [event.id, event]));
  return [...byId.values()]
    .filter(({ target }) => target.repository === repository)
    .map(({ action, target }) => `${action} ${target.tag}`);
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

  for (const [repository, acknowledged] of ledger) {
    const told = new Set(acknowledged);
    const found = distinct(received, repository).filter((text) => told.has(text));
    assertEquals(found, acknowledged, repository);
  }
});
