/**
 * What it costs to measure and to log: the same requests to servers that differ in that alone, in
 * turn, many short rounds each. A figure is the median of the rounds' ratios to the server beside
 * it that measures and logs nothing; once by the processor time of a request, once by their rate.
 *
 * Usage: `deno run -A scripts/bench/measuring_cost.ts [--rounds=20] [--stowage=PATH]`
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { makeImage } from "../../tests/support/images.ts";
import { freePort, ServerProcess } from "../../tests/support/process.ts";
import { pushImage } from "../../tests/support/registry_client.ts";
import { loadWithGet, missingTool } from "./load_tools.ts";
import { readCpuMs } from "./process_usage.ts";
import { ENV, findContestants } from "./servers.ts";
import { median } from "./statistics.ts";

/** What can be switched on. */
export type VariantName =
  | "nothing"
  | "metrics"
  | "access log"
  | "application log at info"
  | "all of them";

/** What is switched on in a server. */
interface Variant {
  readonly name: VariantName;
  readonly hasMetrics?: boolean;
  readonly hasAccessLog?: boolean;
  readonly level?: "info";
}

/** What something costs, beside a server without it. */
export interface Cost {
  readonly name: VariantName;
  /** Processor time of a request, in microseconds. */
  readonly microsecondsEach: number;
  /** How much more that is than without, as a part of it: 0.1 is a tenth. */
  readonly moreTime: number;
  /** How much lower the rate of requests is, as a part of it. */
  readonly lowerRate: number;
}

/** What is measured, and how long. */
export interface CostOptions {
  /** @default all */
  readonly names?: readonly VariantName[];
  /** Rounds of a second for each. */
  readonly rounds: number;
  /** The executable. @default the one that is there, else the sources */
  readonly stowage?: string | undefined;
}

/** The first is what the others are compared with. */
const VARIANTS: readonly Variant[] = [
  { name: "nothing" },
  { name: "metrics", hasMetrics: true },
  { name: "access log", hasAccessLog: true },
  { name: "application log at info", level: "info" },
  { name: "all of them", hasMetrics: true, hasAccessLog: true, level: "info" },
];

const CONNECTIONS = 16;
const ROUND_SECONDS = 1;
const WARM_UP_SECONDS = 2;

/** One round of one server. */
interface Round {
  readonly microsecondsEach: number;
  readonly perSecond: number;
}

/** A server under measurement. */
interface Measured {
  readonly variant: Variant;
  readonly server: ServerProcess;
  readonly url: string;
  readonly rounds: Round[];
}

/** Where a server keeps what, and where it listens. */
interface Place {
  readonly folder: string;
  readonly port: number;
}

function configOf({ hasMetrics, hasAccessLog, level }: Variant, { folder, port }: Place) {
  const debug = { addr: `127.0.0.1:${freePort()}`, prometheus: { enabled: true } };
  return {
    version: "0.1",
    log: { level: level ?? "error", accesslog: { disabled: hasAccessLog !== true } },
    storage: { filesystem: { rootdirectory: `${folder}/data` } },
    http: { addr: `127.0.0.1:${port}`, workers: 1, ...hasMetrics === true ? { debug } : {} },
  };
}

async function start(variant: Variant, { folder, stowage }: {
  readonly folder: string;
  readonly stowage: string | undefined;
}): Promise<Measured> {
  const port = freePort();
  const path = `${folder}/${port}.yml`;
  await Deno.writeTextFile(path, JSON.stringify(configOf(variant, { folder, port })));
  const { contestants: [contestant] } = await findContestants(stowage);
  if (contestant === undefined) throw new Error("Cannot find Stowage");
  const { command, args } = contestant;
  const url = `http://127.0.0.1:${port}`;
  const options = { command, args: [...args, path], env: ENV, readyUrl: `${url}/v2/` };
  return { variant, server: await ServerProcess.start(options), url, rounds: [] };
}

async function load({ url, server }: Measured, seconds: number): Promise<Round> {
  const before = await readCpuMs(server.pid);
  const target = { url: `${url}/v2/app/manifests/v1`, seconds, connections: CONNECTIONS };
  const { requests, requestsPerSecond, otherStatus, failed } = await loadWithGet(target);
  if (otherStatus + failed > 0) throw new Error(`${otherStatus + failed} requests went wrong`);
  const microsecondsEach = (await readCpuMs(server.pid) - before) * 1000 / requests;
  return { microsecondsEach, perSecond: requestsPerSecond };
}

/** The median of one server's rounds, each beside the round of the first server next to it. */
function ratio(
  { rounds }: Measured,
  { bare, read }: { readonly bare: Measured; readonly read: (round: Round) => number },
): number {
  return median(rounds.map((round, index) => {
    const other = bare.rounds[index];
    return other === undefined ? NaN : read(round) / read(other);
  }));
}

function costOf(one: Measured, bare: Measured): Cost {
  const read = ({ microsecondsEach }: Round) => microsecondsEach;
  return {
    name: one.variant.name,
    microsecondsEach: median(one.rounds.map(read)),
    moreTime: ratio(one, { bare, read }) - 1,
    lowerRate: 1 - ratio(one, { bare, read: ({ perSecond }) => perSecond }),
  };
}

/** Measures what it costs to have something switched on; needs `wrk`. */
export async function measureCosts(options: CostOptions): Promise<readonly Cost[]> {
  const { names, rounds, stowage } = options;
  const folder = await Deno.makeTempDir({ prefix: "stowage-measuring-" });
  await using stack = new AsyncDisposableStack();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const measured: Measured[] = [];
  for (const variant of VARIANTS) {
    if (variant.name !== "nothing" && names?.includes(variant.name) === false) continue;
    const one = await start(variant, { folder, stowage });
    stack.use(one.server);
    measured.push(one);
  }
  const [bare] = measured;
  if (bare === undefined) return [];
  const image = await makeImage({ seed: "measuring" });
  await pushImage({ url: bare.url, name: "app" }, { image, tag: "v1" });
  for (const one of measured) await load(one, WARM_UP_SECONDS);
  for (let round = 0; round < rounds; round++) {
    for (const one of measured) one.rounds.push(await load(one, ROUND_SECONDS));
  }
  return measured.map((one) => costOf(one, bare));
}

/** A line that tells of a cost. */
export function renderCost({ name, microsecondsEach, moreTime, lowerRate }: Cost): string {
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`;
  return `measuring: ${name.padEnd(24)} ${microsecondsEach.toFixed(1)} us a request, ` +
    `${percent(moreTime)} processor time more, rate ${percent(lowerRate)} lower`;
}

async function main(): Promise<void> {
  const missing = missingTool("wrk");
  if (missing !== undefined) throw new Error(`Cannot measure: ${missing}`);
  const flags = (parseArgs as (args: readonly string[]) => Record<string, unknown>)(Deno.args);
  const stowage = flags["stowage"] === undefined ? undefined : String(flags["stowage"]);
  const costs = await measureCosts({ rounds: Number(flags["rounds"] ?? 20), stowage });
  for (const cost of costs) console.log(renderCost(cost));
}

if (import.meta.main) await main();
