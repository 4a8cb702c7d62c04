/**
 * Measures pulls through Stowage beside Distribution in proxy mode, from one upstream and in turns:
 * `deno run -A scripts/bench_mirror.ts [--rounds=5] [--clients=50] [--megabytes=50] [--line=0]`.
 * It needs Distribution's `registry` on the path, or in Go's folder of programs; `line` is what the
 * line to the upstream carries, in MB/s. Stowage is `dist/stowage` or, where that is not, the
 * sources. Clients have the system drop what they get: they stand for other machines.
 *
 * @module
 */
import { join } from "@std/path";
import { parseArgs } from "@std/cli/parse-args";
import { BlobMaker } from "./bench/blob_maker.ts";
import { type FreshImage, makeFreshImage } from "./bench/fresh_image.ts";
import type { Address, HttpConnection } from "./bench/http_connection.ts";
import { pushImage } from "./bench/image_transfers.ts";
import { warmMemory } from "./bench/disk.ts";
import { readCpuMs } from "./bench/process_usage.ts";
import { type BenchServer, findContestants, startServer, TITLES } from "./bench/servers.ts";
import { openLine } from "./bench/slow_line.ts";
import { median } from "./bench/statistics.ts";
import { pullBlob, pullManifest, runClients } from "./bench/transfers.ts";

/** How much is measured. */
export interface MirrorPlan {
  readonly rounds: number;
  /** Clients of a burst. */
  readonly clients: number;
  /** Size of the large layer, in bytes. */
  readonly layerBytes: number;
  /** What the line to the upstream carries, in bytes a second; 0: as much as the machine can. */
  readonly lineBytes: number;
}

/** What one pull took. */
interface Taken {
  readonly durationMs: number;
  /** Processor time of the cache. */
  readonly cpuMs: number;
}

/** The copies' first part of the name, with Stowage. */
const PREFIX = "copy";
const TAG = "v1";
/** Layers of the image that is many small ones, in bytes. */
const SMALL_LAYERS: readonly number[] = new Array<number>(10).fill(100_000);

/** Memory for so many large layers is made ready before a cold pull. */
const WARMED_LAYERS = 4;

/** Pulls that are compared with Distribution's. */
function coldPulls({ clients, layerBytes }: MirrorPlan) {
  return [
    { what: "cold, one large layer", clients: 1, layers: [layerBytes] },
    { what: "cold, ten small layers", clients: 1, layers: SMALL_LAYERS },
    { what: `cold, ${clients} clients at once`, clients, layers: [layerBytes] },
  ] as const;
}

async function pullImage(
  connection: HttpConnection,
  { repository, image }: { readonly repository: string; readonly image: FreshImage },
): Promise<void> {
  await pullManifest(connection, { repository, reference: TAG });
  for (const { digest } of image.blobs) await pullBlob(connection, { repository, digest });
}

/** Pulls an image with several clients at once. */
async function take(
  { address, pid }: BenchServer,
  { repository, image, clients }: {
    readonly repository: string;
    readonly image: FreshImage;
    readonly clients: number;
  },
): Promise<Taken> {
  const beforeMs = await readCpuMs(pid);
  const durationMs = await runClients(
    { address, count: clients, drops: true },
    (connection) => pullImage(connection, { repository, image }),
  );
  return { durationMs, cpuMs: await readCpuMs(pid) - beforeMs };
}

/** Pushes an image that nobody has. */
async function pushNew(
  address: Address,
  { layers, repository, maker }: {
    readonly layers: readonly number[];
    readonly repository: string;
    readonly maker: BlobMaker;
  },
): Promise<FreshImage> {
  const image = makeFreshImage(maker, { layerBytes: layers });
  await runClients({ address, count: 1 }, async (connection) => {
    await pushImage(connection, image, { repository, tag: TAG });
  });
  return image;
}

/** The servers of a race. */
interface Track {
  readonly upstream: BenchServer;
  readonly stowage: BenchServer;
  readonly distribution: BenchServer;
  readonly maker: BlobMaker;
  readonly folder: string;
}

/** Times of Stowage and of what it is compared with, round by round. */
interface Compared {
  readonly ours: Taken[];
  readonly theirs: Taken[];
}

async function raceCold(track: Track, plan: MirrorPlan): Promise<MirrorFigure[]> {
  const raced: MirrorFigure[] = [];
  for (const [index, { what, clients, layers }] of coldPulls(plan).entries()) {
    const times: Compared = { ours: [], theirs: [] };
    for (let round = 0; round < plan.rounds; round++) {
      const repository = `race-${index}/round-${round}`;
      const image = await pushNew(track.upstream.address, {
        layers,
        repository,
        maker: track.maker,
      });
      const turns = [
        async () =>
          times.theirs.push(await take(track.distribution, { repository, image, clients })),
        async () => {
          const copy = { repository: `${PREFIX}/${repository}`, image, clients };
          times.ours.push(await take(track.stowage, copy));
        },
      ];
      for (const turn of round % 2 === 0 ? turns : turns.toReversed()) {
        await warmMemory(track.folder, WARMED_LAYERS * plan.layerBytes);
        await turn();
      }
    }
    raced.push(report(what, times, { other: TITLES.distribution3 }));
  }
  return raced;
}

/** Compares a copy with a repository of one's own, of the same server. */
async function raceWarm(
  { upstream, stowage, maker }: Track,
  { plan, what, layers, pulls }: {
    readonly plan: MirrorPlan;
    readonly what: string;
    readonly layers: readonly number[];
    /** How often an image is pulled for one figure. */
    readonly pulls: number;
  },
): Promise<MirrorFigure> {
  const name = `warm-${pulls}`;
  const copied = await pushNew(upstream.address, { layers, repository: name, maker });
  const own = await pushNew(stowage.address, { layers, repository: name, maker });
  await take(stowage, { repository: `${PREFIX}/${name}`, image: copied, clients: 1 });
  const times: Compared = { ours: [], theirs: [] };
  for (let round = 0; round < plan.rounds; round++) {
    const turns = [
      [times.theirs, { repository: name, image: own, clients: 1 }],
      [times.ours, { repository: `${PREFIX}/${name}`, image: copied, clients: 1 }],
    ] as const;
    for (const [into, pull] of round % 2 === 0 ? turns : turns.toReversed()) {
      const all: Taken[] = [];
      for (let pulled = 0; pulled < pulls; pulled++) all.push(await take(stowage, pull));
      into.push({
        durationMs: all.reduce((sum, { durationMs }) => sum + durationMs, 0) / pulls,
        cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / pulls,
      });
    }
  }
  return report(what, times, { other: "a repository of one's own" });
}

/** What a race came to. */
export interface MirrorFigure {
  readonly what: string;
  /** How many times as fast as what it is compared with. */
  readonly ratio: number;
}

function report(
  what: string,
  { ours, theirs }: Compared,
  { other }: { readonly other: string },
): MirrorFigure {
  const time = middle(ours, "durationMs");
  const ratio = middle(theirs, "durationMs") / time;
  console.log(
    `mirror: ${what}: ${figures(ours)}; ${other}: ${figures(theirs)}; ` +
      `${ratio.toFixed(2)} times as fast`,
  );
  return { what, ratio };
}

function figures(taken: readonly Taken[]): string {
  const [time, cpu] = [middle(taken, "durationMs"), middle(taken, "cpuMs")];
  return `${time.toFixed(1)} ms (processors ${cpu.toFixed(0)} ms)`;
}

function middle(taken: readonly Taken[], key: keyof Taken): number {
  return median(taken.map((one) => one[key]));
}

/** Starts the servers and takes all figures. */
export async function benchMirror(
  folder: string,
  plan: MirrorPlan,
): Promise<readonly MirrorFigure[]> {
  const { contestants, leftOut } = await findContestants(Deno.env.get("STOWAGE_TEST_BINARY"));
  const [ours, theirs] = contestants;
  if (ours === undefined || theirs?.kind !== "distribution3") {
    throw new Error(`Cannot compare: ${leftOut.map(({ reason }) => reason).join(", ")}`);
  }
  console.log(`mirror: ${ours.title} ${ours.version}; ${theirs.title}`);
  const place = async (name: string) => {
    const path: string = join(folder, name);
    await Deno.mkdir(path);
    return { folder: path, root: join(path, "data") };
  };
  await using upstream = await startServer(theirs, await place("upstream"));
  await using line = openLine(upstream.address, plan.lineBytes);
  const remoteurl = `http://${line.address.hostname}:${line.address.port}`;
  await using distribution = await startServer(theirs, {
    ...await place("distribution"),
    sections: { proxy: { remoteurl } },
  });
  await using stowage = await startServer(ours, {
    ...await place("stowage"),
    sections: { proxy: { upstreams: [{ prefix: PREFIX, remoteurl }] } },
  });
  const track = { upstream, stowage, distribution, maker: new BlobMaker(), folder };
  const all = await raceCold(track, plan);
  const large = { what: "warm, one large layer", layers: [plan.layerBytes], pulls: 5 };
  const small = { what: "warm, ten small layers", layers: SMALL_LAYERS, pulls: 30 };
  for (const race of [large, small]) all.push(await raceWarm(track, { plan, ...race }));
  return all;
}

async function main(): Promise<void> {
  const flags = (parseArgs as (args: readonly string[]) => Record<string, unknown>)(Deno.args);
  const folder = await Deno.makeTempDir({ prefix: "stowage-mirror-" });
  try {
    await benchMirror(folder, {
      rounds: Number(flags["rounds"] ?? 5),
      clients: Number(flags["clients"] ?? 50),
      layerBytes: Number(flags["megabytes"] ?? 50) * 1_000_000,
      lineBytes: Number(flags["line"] ?? 0) * 1_000_000,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
