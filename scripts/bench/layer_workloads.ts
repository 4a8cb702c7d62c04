import type { FreshBlob } from "./blob_maker.ts";
import { settleDisk, warmMemory } from "./disk.ts";
import type { HttpConnection } from "./http_connection.ts";
import { type PlanName, timesOf } from "./plan.ts";
import { removePushed } from "./stored_tree.ts";
import { pullBlob, pushBlob, runClients } from "./transfers.ts";
import type { Measured, SmallStand, Workload } from "./workload.ts";

const MEGABYTE = 1_000_000;

/** A number of clients that move layers of one size. */
interface Traffic {
  readonly megabytes: number;
  readonly clients: number;
  /** How many layers each client pushes, and how many it pulls. */
  readonly pushes: number;
  readonly pulls: number;
  readonly from: PlanName;
}

const TRAFFIC: readonly Traffic[] = [
  { megabytes: 1, clients: 1, pushes: 40, pulls: 200, from: "standard" },
  { megabytes: 1, clients: 4, pushes: 20, pulls: 100, from: "standard" },
  { megabytes: 1, clients: 16, pushes: 10, pulls: 50, from: "quick" },
  { megabytes: 10, clients: 1, pushes: 8, pulls: 40, from: "standard" },
  { megabytes: 10, clients: 4, pushes: 4, pulls: 20, from: "quick" },
  { megabytes: 10, clients: 16, pushes: 2, pulls: 10, from: "standard" },
  { megabytes: 100, clients: 1, pushes: 4, pulls: 12, from: "quick" },
  { megabytes: 100, clients: 4, pushes: 1, pulls: 4, from: "standard" },
  { megabytes: 100, clients: 16, pushes: 1, pulls: 2, from: "standard" },
];

/** Sizes of the layers that are pulled, in bytes. */
export const LAYER_SIZES: readonly number[] = [MEGABYTE, 10 * MEGABYTE, 100 * MEGABYTE];

/** Pushes and pulls of layers of several sizes by several clients. */
export const LAYER_WORKLOADS: readonly Workload<SmallStand>[] = [
  ...TRAFFIC.map((traffic) => layerWorkload(traffic, "push")),
  ...TRAFFIC.map((traffic) => layerWorkload(traffic, "pull")),
];

function layerWorkload(traffic: Traffic, direction: "push" | "pull"): Workload<SmallStand> {
  const { megabytes, clients, from } = traffic;
  return {
    name: `${direction}-${megabytes}mb-${clients}`,
    title: `${direction} of ${megabytes} MB layers, ${clients} ${
      clients === 1 ? "client" : "clients"
    }`,
    group: direction,
    unit: "MB/s",
    better: "higher",
    operation: "blob",
    from,
    run: (stand) => direction === "push" ? pushLayers(stand, traffic) : pullLayers(stand, traffic),
  };
}

async function pushLayers(
  { server, plan, blobs, signal }: SmallStand,
  { megabytes, clients, pushes }: Traffic,
): Promise<Measured> {
  const each = timesOf(plan, pushes);
  const fresh = Array.from({ length: clients }, () => makeLayers(each));
  const { address } = server;
  await warmMemory(server.root, clients * each * megabytes * MEGABYTE);
  const durationMs = await runClients({ address, count: clients, signal }, pushAll);
  // Many removed files would make the next ones dear; see `removePushed`.
  if (megabytes > 1) await removePushed(server.root, { blobs: fresh.flat() });
  await settleDisk(server.root);
  return speed({ megabytes, operations: clients * each, durationMs });

  async function pushAll(connection: HttpConnection, client: number): Promise<void> {
    for (const blob of fresh[client] ?? []) {
      await pushBlob(connection, { repository: repositoryOf(client), blob });
    }
  }

  function makeLayers(count: number): FreshBlob[] {
    return Array.from({ length: count }, () => blobs.make(megabytes * MEGABYTE));
  }
}

async function pullLayers(
  { server, plan, fixture, signal }: SmallStand,
  { megabytes, clients, pulls }: Traffic,
): Promise<Measured> {
  const each = timesOf(plan, pulls);
  const { repository, layers } = fixture;
  const digest = layers.get(megabytes * MEGABYTE)?.digest;
  if (digest === undefined) {
    throw new Error(`Cannot pull ${megabytes} MB: no such layer was pushed`);
  }
  const { address } = server;
  const pullers = { address, count: clients, signal, drops: true };
  const durationMs = await runClients(pullers, async (connection) => {
    for (let pull = 0; pull < each; pull++) await pullBlob(connection, { repository, digest });
  });
  return speed({ megabytes, operations: clients * each, durationMs });
}

function speed(
  { megabytes, operations, durationMs }: {
    readonly megabytes: number;
    readonly operations: number;
    readonly durationMs: number;
  },
): Measured {
  return { value: megabytes * operations / (durationMs / 1000), operations };
}

function repositoryOf(client: number): string {
  return `pushed/by-client-${client}`;
}
