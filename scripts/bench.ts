/**
 * Measures Stowage beside the registries it replaces: `deno task bench`; `--help` tells more.
 *
 * @module
 */
import { join } from "@std/path";
import { compare } from "./bench/comparison.ts";
import { cpuRows, figureRows, targetRows } from "./bench/comparison_tables.ts";
import { formatTable } from "./bench/format_figure.ts";
import { type BenchOptions, parseOptions, USAGE, UsageError } from "./bench/options.ts";
import { PLANS } from "./bench/plan.ts";
import { profileStowage } from "./bench/profile_stowage.ts";
import type { ProgressOutput } from "./bench/progress_bar.ts";
import { writeReport } from "./bench/report_page.ts";
import type { BenchResults } from "./bench/results.ts";
import { runBench } from "./bench/run_bench.ts";

const PROJECT_ROOT: string = join(import.meta.dirname ?? ".", "..");

/** Exit code after Ctrl-C, as a shell gives it. */
const INTERRUPTED = 130;

function progressOutput(): ProgressOutput {
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isTerminal,
    // A terminal that does not know its size says 0.
    columns: isTerminal ? Deno.consoleSize().columns || 80 : 80,
    write: (text) => Deno.stderr.writeSync(new TextEncoder().encode(text)),
  };
}

async function main(options: BenchOptions, signal: AbortSignal): Promise<void> {
  const disk = options.disk ?? join(PROJECT_ROOT, "results");
  await Deno.mkdir(disk, { recursive: true });
  const folder = await Deno.realPath(await Deno.makeTempDir({ dir: disk, prefix: "bench-" }));
  try {
    if (options.profile === undefined) {
      const plan = PLANS[options.plan];
      const run = { ...options, plan, folder, output: progressOutput(), signal };
      await report(await runBench(run), options);
    } else {
      const entry = options.stowage === undefined ? {} : { entry: options.stowage };
      console.log(await profileStowage({ figure: options.profile, folder, signal, ...entry }));
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function report(results: BenchResults, options: BenchOptions): Promise<void> {
  const comparisons = compare(results.samples);
  console.log(`\n${formatTable(figureRows(comparisons))}`);
  const timed = cpuRows(comparisons);
  if (timed.length > 1) console.log(`\n${formatTable(timed)}`);
  const targets = targetRows(comparisons);
  if (targets.length > 1) console.log(`\n${formatTable(targets)}`);
  const { only, servers, plan } = options;
  const isWhole = only.length + servers.length === 0 && plan !== "quick";
  const folder = options.out ?? (isWhole ? join(PROJECT_ROOT, "docs") : undefined);
  if (folder === undefined) return;
  for (const path of await writeReport(results, folder)) console.log(`Wrote ${path}`);
}

if (import.meta.main) {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => stop.abort());
  }
  try {
    const options = parseOptions(Deno.args);
    if (options.help) console.log(USAGE);
    else await main(options, stop.signal);
    Deno.exit(0);
  } catch (error) {
    if (stop.signal.aborted) Deno.exit(INTERRUPTED);
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    if (error instanceof UsageError) console.error("Run deno task bench --help");
    Deno.exit(1);
  }
}
