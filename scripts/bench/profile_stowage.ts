import { join } from "@std/path";
import { tryRun } from "../../tests/support/process.ts";
import { BlobMaker } from "./blob_maker.ts";
import { type CpuProfile, outsideMs, selfTimes } from "./cpu_profile.ts";
import { makeFixture, pushFixture } from "./fixture.ts";
import { formatCpu, formatTable } from "./format_figure.ts";
import { GROWN_WORKLOADS } from "./grown_workloads.ts";
import { LAYER_SIZES } from "./layer_workloads.ts";
import { PLANS } from "./plan.ts";
import { readCpuMs } from "./process_usage.ts";
import { type BenchServer, startServer, stowageFromSource } from "./servers.ts";
import { writeStoredTree } from "./stored_tree.ts";
import type { Measured, Stand } from "./workload.ts";
import { SMALL_WORKLOADS } from "./workload_table.ts";

/** Options of {@linkcode profileStowage}. */
export interface ProfileOptions {
  /** Name of the figure. */
  readonly figure: string;
  /** An empty folder. */
  readonly folder: string;
  /** The program in TypeScript. @default the project's */
  readonly entry?: string;
  readonly signal: AbortSignal;
  /** How long the figure is taken again and again, in milliseconds. @default 5000 */
  readonly durationMs?: number;
  /** Size of the storage for figures of growing storage. @default 10,000 */
  readonly treeSize?: number;
}

const DURATION_MS = 5000;
const TREE_SIZE = 10_000;

/** How many functions are shown. */
const SHOWN = 25;

/** One thread serves, so that the profile is all of it. */
const HTTP = { workers: 1 } as const;

/**
 * Runs Stowage from source under V8's profiler while a figure is taken from it.
 *
 * @returns a text for people: the functions that took most time by themselves
 * @throws {Error} this Deno takes no profiles, or there is no such figure
 */
export async function profileStowage(options: ProfileOptions): Promise<string> {
  if (!await takesProfiles()) {
    throw new Error(`Use a newer Deno: ${Deno.version.deno} takes no CPU profiles`);
  }
  const { folder, figure, entry, durationMs = DURATION_MS } = options;
  const profiles: string = join(folder, "profiles");
  await Deno.mkdir(profiles);
  const flags = ["--cpu-prof", `--cpu-prof-dir=${profiles}`];
  const prepared = await prepare(options);
  const root = prepared.root;
  const contestant = await stowageFromSource(entry, flags);
  let used = NOTHING_USED;
  {
    await using server = await startServer(contestant, { folder, root, http: HTTP });
    used = await takeAgainAndAgain(server, { ...prepared, durationMs });
  }
  return describe(await readProfiles(profiles), { figure, ...used });
}

/** Whether this Deno has a profiler. */
export async function takesProfiles(): Promise<boolean> {
  // Its help does not speak of the flag; a Deno that does not know it refuses it.
  return (await tryRun([Deno.execPath(), "run", "--cpu-prof", "--version"])).code === 0;
}

/** What the server did and what it cost. */
interface Used {
  readonly operations: number;
  readonly cpuMs: number;
}

const NOTHING_USED: Used = { operations: 0, cpuMs: 0 };

async function takeAgainAndAgain(
  server: BenchServer,
  { take, durationMs }: Prepared & { readonly durationMs: number },
): Promise<Used> {
  const { pid } = server;
  const beforeMs = await readCpuMs(pid);
  const deadlineMs = performance.now() + durationMs;
  let operations = 0;
  do operations += (await take(server)).operations; while (performance.now() < deadlineMs);
  return { operations, cpuMs: await readCpuMs(pid) - beforeMs };
}

/** Storage with what a figure needs, and a function that takes it. */
interface Prepared {
  readonly root: string;
  take(server: BenchServer): Promise<Measured>;
}

/** Prepares storage with a server that is not profiled. */
async function prepare(options: ProfileOptions): Promise<Prepared> {
  const { folder, figure, entry, signal, treeSize = TREE_SIZE } = options;
  const root: string = join(folder, "storage");
  const blobs = new BlobMaker();
  const standOf = (server: BenchServer): Stand => ({ server, plan: PLANS.quick, blobs, signal });
  const grown = GROWN_WORKLOADS.find(({ name }) => name === figure);
  if (grown !== undefined) {
    const tree = await writeStoredTree(root, { size: treeSize, blobs, signal });
    return { root, take: (server) => grown.run({ ...standOf(server), tree }) };
  }
  const small = SMALL_WORKLOADS.find(({ name }) => name === figure);
  if (small === undefined) throw new Error(`Cannot profile "${figure}": there is no such figure`);
  const fixture = makeFixture(blobs, { layerSizes: LAYER_SIZES });
  const contestant = await stowageFromSource(entry);
  await using server = await startServer(contestant, { folder, root, http: HTTP });
  await pushFixture(fixture, { address: server.address, signal });
  return { root, take: (profiled) => small.run({ ...standOf(profiled), fixture }) };
}

async function readProfiles(folder: string): Promise<readonly CpuProfile[]> {
  const profiles: CpuProfile[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.endsWith(".cpuprofile")) {
      profiles.push(JSON.parse(await Deno.readTextFile(join(folder, name))));
    }
  }
  if (profiles.length > 0) return profiles;
  throw new Error("Cannot read the profile: the program ended without writing one");
}

function describe(
  profiles: readonly CpuProfile[],
  { figure, operations, cpuMs }: Used & { readonly figure: string },
): string {
  const times = selfTimes(profiles);
  const insideMs = times.reduce((sum, { selfMs }) => sum + selfMs, 0);
  const rows = times.slice(0, SHOWN).map(({ where, selfMs, share }) => [
    where,
    `${selfMs.toFixed(0)} ms`,
    `${(share * 100).toFixed(1)} %`,
  ]);
  return [
    `${figure}: ${operations} operations, ${
      formatCpu(cpuMs / operations)
    } of processor time each, ` +
    `all threads of the process together; ${(insideMs / 1000).toFixed(1)} s in JavaScript and ` +
    `what it calls, ${(outsideMs(profiles) / 1000).toFixed(1)} s outside or waiting`,
    formatTable([["function", "self", "share"], ...rows]),
  ].join("\n\n");
}
