import { delay } from "@std/async/delay";
import { join } from "@std/path";
import { BlobMaker } from "./blob_maker.ts";
import { measureClient } from "./client_speed.ts";
import { settleDisk } from "./disk.ts";
import { makeFixture, pushFixture } from "./fixture.ts";
import { LAYER_SIZES } from "./layer_workloads.ts";
import { describeMachine } from "./machine.ts";
import type { BenchOptions } from "./options.ts";
import type { Plan } from "./plan.ts";
import { ProgressBar, type ProgressOutput } from "./progress_bar.ts";
import type { BenchResults, Sample } from "./results.ts";
import { runStage } from "./run_stage.ts";
import {
  type BenchServer,
  type Contestant,
  findContestants,
  type LeftOut,
  startServer,
} from "./servers.ts";
import { writeStoredTree } from "./stored_tree.ts";
import type { Stand } from "./workload.ts";
import { select, type Selection } from "./workload_table.ts";

/** What a run needs. */
export interface RunOptions extends Pick<BenchOptions, "only" | "servers" | "stowage"> {
  readonly plan: Plan;
  /** An empty folder for all data, on the disk that is measured. */
  readonly folder: string;
  readonly output: ProgressOutput;
  /** Ends the run. */
  readonly signal: AbortSignal;
}

/** What all stages share. */
interface Run {
  readonly options: RunOptions;
  readonly selection: Selection;
  readonly contestants: readonly Contestant[];
  readonly blobs: BlobMaker;
  readonly progress: ProgressBar;
  readonly samples: Sample[];
  readonly leftOut: LeftOut[];
}

/** Measures everything that was asked for; what cannot be measured is left out, with its reason. */
export async function runBench(options: RunOptions): Promise<BenchResults> {
  const startedAt = new Date().toISOString();
  const startMs = performance.now();
  const machine = await describeMachine(options.folder);
  const run = await prepareRun(options);
  run.progress.show("measuring the client alone");
  const client = await measureClient(run.blobs, { signal: options.signal });
  if (run.selection.small.length > 0) await runSmallStage(run);
  if (run.selection.grown.length > 0) {
    for (const size of options.plan.sizes) await runGrownStage(run, size);
  }
  run.progress.clear();
  return {
    startedAt,
    durationS: Math.round((performance.now() - startMs) / 1000),
    plan: options.plan.name,
    only: options.only,
    machine,
    client,
    servers: run.contestants.map(({ kind, title, version }) => ({ kind, title, version })),
    leftOut: run.leftOut,
    samples: run.samples,
  };
}

async function prepareRun(options: RunOptions): Promise<Run> {
  const { plan } = options;
  const selection = select(plan, options.only);
  const { contestants, leftOut } = await findContestants(options.stowage);
  const chosen = contestants.filter(({ kind }) =>
    options.servers.length === 0 || options.servers.includes(kind)
  );
  const { small, grown } = selection;
  const steps = plan.rounds * small.length + plan.growthRounds * plan.sizes.length * grown.length;
  const progress = new ProgressBar({
    output: options.output,
    total: steps * chosen.length,
    now: () => performance.now(),
  });
  const run: Run = {
    options,
    selection,
    contestants: chosen,
    blobs: new BlobMaker(),
    progress,
    samples: [],
    leftOut: [],
  };
  for (const { kind, title, version } of chosen) progress.note(`${title}: ${version} (${kind})`);
  leaveOut(run, [...leftOut, ...selection.leftOut]);
  return run;
}

/** Storage that holds next to nothing, each server its own. */
async function runSmallStage(run: Run): Promise<void> {
  const { blobs, progress, selection, options: { folder, signal, plan } } = run;
  progress.note(`Small storage: ${amount(selection.small.length, plan.rounds)}`);
  await using stack = new AsyncDisposableStack();
  const roots = join(folder, "small");
  stack.defer(() => remove(roots));
  const servers = await startAll(run, { stack, rootOf: ({ kind }) => join(roots, kind) });
  const fixture = makeFixture(blobs, { layerSizes: LAYER_SIZES });
  for (const { address, contestant } of servers) {
    progress.show(`${contestant.title}: pushing what is pulled later`);
    await pushFixture(fixture, { address, signal });
  }
  await settleDisk(folder);
  const stands = servers.map((server) => ({ ...standOf(run, server), fixture }));
  keep(run, await runStage(stands, selection.small, { rounds: plan.rounds, progress }));
}

/** Storage with many tags, repositories and blobs, which all servers share. */
async function runGrownStage(run: Run, size: number): Promise<void> {
  const { blobs, progress, selection, options: { folder, signal, plan } } = run;
  const count = size.toLocaleString("en-US");
  const work = amount(selection.grown.length, plan.growthRounds);
  progress.note(`Storage of ${count} tags, repositories and blobs: ${work}`);
  await using stack = new AsyncDisposableStack();
  const root: string = join(folder, `grown-${size}`);
  stack.defer(async () => {
    progress.show(`removing the storage of ${count}`);
    await remove(root);
  });
  progress.show(`making the storage of ${count}`);
  const tree = await writeStoredTree(root, { size, blobs, signal });
  await settleDisk(folder);
  const servers = await startAll(run, { stack, rootOf: () => root });
  const stands = servers.map((server) => ({ ...standOf(run, server), tree }));
  const rounds = plan.growthRounds;
  keep(run, await runStage(stands, selection.grown, { rounds, size, progress }));
}

/** Starts the servers; one that cannot be started is left out. */
async function startAll(
  run: Run,
  { stack, rootOf }: {
    readonly stack: AsyncDisposableStack;
    readonly rootOf: (contestant: Contestant) => string;
  },
): Promise<readonly BenchServer[]> {
  const { folder } = run.options;
  const servers: BenchServer[] = [];
  for (const contestant of run.contestants) {
    run.progress.show(`starting ${contestant.title}`);
    try {
      const server = await startServer(contestant, { folder, root: rootOf(contestant) });
      servers.push(stack.use(server));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      leaveOut(run, [{ what: contestant.title, reason }]);
    }
  }
  return servers;
}

function standOf({ blobs, options }: Run, server: BenchServer): Stand {
  return { server, plan: options.plan, blobs, signal: options.signal };
}

function keep(
  run: Run,
  found: { readonly samples: readonly Sample[]; readonly leftOut: readonly LeftOut[] },
): void {
  run.samples.push(...found.samples);
  leaveOut(run, found.leftOut);
}

function leaveOut(run: Run, leftOut: readonly LeftOut[]): void {
  run.leftOut.push(...leftOut);
  for (const { what, reason } of leftOut) run.progress.note(`Left out: ${what}: ${reason}`);
}

function amount(figures: number, rounds: number): string {
  return `${figures} ${figures === 1 ? "figure" : "figures"}, ${rounds} ${
    rounds === 1 ? "round" : "rounds"
  }`;
}

/** How often a folder is removed that something still writes to, and the time between, in milliseconds. */
const REMOVALS = { times: 3, pauseMs: 200 } as const;

async function remove(path: string): Promise<void> {
  for (let time = 1;; time++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (time === REMOVALS.times) throw error;
      await (delay as (ms: number) => Promise<void>)(REMOVALS.pauseMs);
    }
  }
}
