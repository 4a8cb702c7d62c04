import type { RegistryKind } from "../../tests/support/servers.ts";
import { barPlot, type BarRow } from "./bar_plot.ts";
import type { Comparison, ServerFigure } from "./comparison.ts";
import { COLUMNS, titleOf } from "./comparison_tables.ts";
import { curvePlot, type Panel, type Point } from "./curve_plot.ts";
import { formatCpu, formatNumber, formatRatio } from "./format_figure.ts";
import { type Group, GROUPS } from "./workload.ts";

/** A drawing, as a file beside the page. */
export interface Plot {
  /** Name of the file. */
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

/** Groups that are drawn as bars, one plot for each. */
const BAR_GROUPS: readonly Group[] = ["requests", "push", "pull", "start", "memory"];
/** Groups that are drawn as curves over the size of storage. */
const CURVE_GROUPS: readonly Group[] = ["growth", "lists"];

/** Draws what was measured; what was not is left out. */
export function drawPlots(comparisons: readonly Comparison[]): readonly Plot[] {
  return [
    ratioPlot(comparisons),
    ...BAR_GROUPS.map((group) => groupPlot(comparisons, group)),
    processorPlot(comparisons),
    ...CURVE_GROUPS.map((group) => growthPlot(comparisons, group)),
  ].flatMap((plot) => plot === undefined ? [] : [plot]);
}

/** How many times as good as Distribution 3.1.2, with marks at the targets. */
function ratioPlot(comparisons: readonly Comparison[]): Plot | undefined {
  const rows = comparisons.flatMap((comparison): BarRow[] => {
    const mark = comparison.target?.ratio;
    if (mark === undefined || comparison.servers.stowage?.ratio === undefined) return [];
    return [{
      title: titleOf(comparison),
      values: valuesOf(comparison, ({ ratio }) => ratio),
      mark,
    }];
  });
  const title = "Times as fast as Distribution 3.1.2; the red marks are the targets";
  return plotOf({ file: "ratios.svg", title, rows, format: formatRatio });
}

function groupPlot(comparisons: readonly Comparison[], group: Group): Plot | undefined {
  const own = comparisons.filter(({ figure }) => figure.group === group);
  const rows = own.map((comparison) => ({
    title: titleOf(comparison),
    values: valuesOf(comparison, ({ value }) => value),
  }));
  const title = `${GROUPS[group]}, ${own[0]?.figure.unit ?? ""}`;
  return plotOf({ file: `${group}.svg`, title, rows, format: formatNumber });
}

function processorPlot(comparisons: readonly Comparison[]): Plot | undefined {
  const rows = comparisons.filter(({ figure }) => figure.group === "requests")
    .map((comparison) => ({
      title: titleOf(comparison),
      values: valuesOf(comparison, ({ cpuMs }) => cpuMs),
    }));
  const title = "Processor time of a small request";
  return plotOf({ file: "processor.svg", title, rows, format: formatCpu });
}

function plotOf(
  { file, title, rows, format }: {
    readonly file: string;
    readonly title: string;
    readonly rows: readonly BarRow[];
    readonly format: (value: number) => string;
  },
): Plot | undefined {
  const drawn = rows.filter(({ values }) => Object.keys(values).length > 0);
  if (drawn.length === 0) return undefined;
  return { file, title, svg: barPlot({ title, rows: drawn, format }) };
}

function growthPlot(comparisons: readonly Comparison[], group: Group): Plot | undefined {
  const own = comparisons.filter(({ figure, size }) => figure.group === group && size);
  const panels = [...new Set(own.map(({ figure }) => figure))].map((figure): Panel => ({
    title: figure.title,
    unit: figure.unit,
    curves: curvesOf(own.filter((comparison) => comparison.figure === figure)),
  }));
  if (panels.length === 0) return undefined;
  const title = `${GROUPS[group]} by the number of tags, repositories and blobs`;
  return { file: `${group}.svg`, title, svg: curvePlot({ title, panels }) };
}

function curvesOf(comparisons: readonly Comparison[]): Panel["curves"] {
  const curves: Partial<Record<RegistryKind, Point[]>> = {};
  for (const { servers, size } of comparisons) {
    for (const kind of COLUMNS) {
      const figure = servers[kind];
      if (figure === undefined || size === undefined || figure.value <= 0) continue;
      (curves[kind] ??= []).push({ x: size, y: figure.value });
    }
  }
  return curves;
}

function valuesOf(
  { servers }: Comparison,
  pick: (figure: ServerFigure) => number | undefined,
): BarRow["values"] {
  const values: Partial<Record<RegistryKind, number>> = {};
  for (const kind of COLUMNS) {
    const figure = servers[kind];
    const value = figure && pick(figure);
    if (value !== undefined) values[kind] = value;
  }
  return values;
}
