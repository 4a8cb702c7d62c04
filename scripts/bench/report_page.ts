/**
 * The measured part of `docs/performance.md`, which stands between two marks; the rest of the page is
 * written by hand and stays.
 *
 * @module
 */
import { format as formatBytes } from "@std/fmt/bytes";
import { join } from "@std/path";
import { compare, type Comparison } from "./comparison.ts";
import { cpuRows, figureRows, targetRows } from "./comparison_tables.ts";
import { formatNumber, markdownTable } from "./format_figure.ts";
import { drawPlots, type Plot } from "./plots.ts";
import type { BenchResults } from "./results.ts";
import { GROUPS } from "./workload.ts";

/** The page, in the folder of the documentation. */
const PAGE = "performance.md";
/** Folder of the drawings and the raw data, beside the page. */
const FOLDER = "performance";
const DATA = "results.json";

const BEGIN = "<!-- measured: begin; written by `deno task bench` -->";
const END = "<!-- measured: end -->";

/** A page that has nothing but the measured part. */
const EMPTY_PAGE = `# Performance\n\n${BEGIN}\n${END}\n`;

/** From this load a core, before anything is measured, the machine is not the benchmark's own. */
const BUSY_LOAD = 0.25;

const PLAN_NOTES: Readonly<Record<BenchResults["plan"], string>> = {
  quick: "A short run, each figure taken once: it shows magnitudes, no more.",
  standard: "A standard run; the values are medians of its rounds.",
  full: "A full run; the values are medians of its rounds.",
};

/**
 * Writes the page, its drawings and the raw data into a folder; what the page says outside of the
 * marks is kept.
 *
 * @returns the paths of what was written
 */
export async function writeReport(
  results: BenchResults,
  folder: string,
): Promise<readonly string[]> {
  const comparisons = compare(results.samples);
  const plots = drawPlots(comparisons);
  await Deno.mkdir(join(folder, FOLDER), { recursive: true });
  const page: string = join(folder, PAGE);
  const data: string = join(folder, FOLDER, DATA);
  const part = measuredPart(results, { comparisons, plots });
  await Deno.writeTextFile(page, replacePart(await readOr(page, EMPTY_PAGE), part));
  await Deno.writeTextFile(data, `${JSON.stringify(results, undefined, 2)}\n`);
  const drawings: string[] = [];
  for (const { file, svg } of plots) {
    const path: string = join(folder, FOLDER, file);
    await Deno.writeTextFile(path, svg);
    drawings.push(path);
  }
  const paths = [page, data, ...drawings];
  await formatFiles(paths);
  return paths;
}

/** Replaces what is between the marks. @throws {Error} where the page has no marks */
export function replacePart(page: string, part: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) {
    throw new Error(`Cannot write the page: put "${BEGIN}" and "${END}" into it`);
  }
  return `${page.slice(0, begin)}${BEGIN}\n\n${part}\n\n${page.slice(end)}`;
}

/** Writes the measured part. */
export function measuredPart(
  results: BenchResults,
  { comparisons, plots }: {
    readonly comparisons: readonly Comparison[];
    readonly plots: readonly Plot[];
  },
): string {
  const targets = targetRows(comparisons);
  const timed = cpuRows(comparisons);
  return [
    "## Targets",
    PLAN_NOTES[results.plan] + busyNote(results),
    ...targets.length > 1 ? [markdownTable(targets)] : [],
    ...imagesOf(plots, ["ratios.svg"]),
    "## Every figure",
    "Ratio: how many times as good Stowage is as Distribution 3.1.2, more than 1 being better " +
    "whatever the figure. Rounds apart: the distance between the best and the worst round of " +
    "Stowage, as a part of the value.",
    ...groupSections(comparisons, plots),
    "## Processor time",
    "What the kernel counted for all threads of the server, divided by the operations.",
    ...imagesOf(plots, ["processor.svg"]),
    ...timed.length > 1 ? [markdownTable(timed)] : [],
    "## Machine and versions",
    markdownTable(machineRows(results)),
    ...leftOutSection(results),
    `Raw data: [${FOLDER}/${DATA}](${FOLDER}/${DATA}).`,
  ].join("\n\n");
}

/** Ratios stand that out; the figures themselves do not. */
function busyNote({ machine: { loadBefore, cores } }: BenchResults): string {
  if (loadBefore < cores * BUSY_LOAD) return "";
  return " The machine was busy with something else at the same time, so take the figures with care.";
}

function groupSections(
  comparisons: readonly Comparison[],
  plots: readonly Plot[],
): readonly string[] {
  return Object.entries(GROUPS).flatMap(([group, title]) => {
    const own = comparisons.filter(({ figure }) => figure.group === group);
    if (own.length === 0) return [];
    const table = markdownTable(figureRows(own));
    return [`### ${title}`, ...imagesOf(plots, [`${group}.svg`]), table];
  });
}

function imagesOf(plots: readonly Plot[], files: readonly string[]): readonly string[] {
  return plots.filter(({ file }) => files.includes(file))
    .map(({ file, title }) => `![${title}](${FOLDER}/${file})`);
}

function machineRows(results: BenchResults): readonly (readonly string[])[] {
  const { machine, client, servers, startedAt, durationS, plan, only } = results;
  const scope = only.length === 0 ? "everything" : only.join(", ");
  return [
    ["what", "value"],
    ["begun", startedAt],
    ["run", `${plan}, ${scope}, ${Math.round(durationS / 60)} minutes`],
    ["processor", `${machine.processor}, ${machine.cores} cores`],
    ["memory", (formatBytes as (bytes: number) => string)(machine.memoryBytes)],
    ["system", `${machine.system}, ${machine.fileSystem}`],
    ["load before", String(machine.loadBefore)],
    ["Deno of the benchmark", machine.deno],
    ...servers.map(({ title, version }) => [title, version]),
    [
      "the client alone, without a server",
      `push ${formatNumber(client.push)} MB/s, pull ${formatNumber(client.pull)} MB/s`,
    ],
  ];
}

function leftOutSection({ leftOut }: BenchResults): readonly string[] {
  if (leftOut.length === 0) return [];
  const lines = leftOut.map(({ what, reason }) => `- ${what}: ${firstLine(reason)}`);
  return ["### Left out", lines.join("\n")];
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** The page has the form that `deno task check` asks for. */
async function formatFiles(paths: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", ...paths],
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

async function readOr(path: string, other: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return other;
    throw error;
  }
}
