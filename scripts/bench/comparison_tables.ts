import type { RegistryKind } from "../../tests/support/servers.ts";
import type { Comparison, ServerFigure } from "./comparison.ts";
import { formatCpu, formatNumber, formatRatio } from "./format_figure.ts";
import { TITLES } from "./servers.ts";
import { spread } from "./statistics.ts";
import type { Target } from "./targets.ts";

/** Rows of a table, the first one its head. */
export type Rows = readonly (readonly string[])[];

/** The servers in the order of the columns. */
export const COLUMNS: readonly RegistryKind[] = ["stowage", "distribution3", "distribution2"];

/** What is written where there is no value. */
const NOTHING = "–";

/** Every figure of every server, with how many times as good as Distribution 3.1.2 Stowage is. */
export function figureRows(comparisons: readonly Comparison[]): Rows {
  return [
    ["figure", "unit", ...COLUMNS.map((kind) => TITLES[kind]), "ratio", "rounds apart"],
    ...comparisons.map((comparison) => {
      const stowage = comparison.servers.stowage;
      return [
        titleOf(comparison),
        comparison.figure.unit,
        ...COLUMNS.map((kind) => valueText(comparison.servers[kind])),
        ratioText(stowage),
        stowage === undefined || stowage.rounds < 2
          ? NOTHING
          : `${Math.round(spread(stowage) * 100)} %`,
      ];
    }),
  ];
}

/** The figures that have a target, and whether it is reached. */
export function targetRows(comparisons: readonly Comparison[]): Rows {
  const rows = comparisons.flatMap((comparison) => {
    const { target, servers, reached, figure } = comparison;
    if (target === undefined) return [];
    const cells = [
      titleOf(comparison),
      `${valueText(servers.stowage)} ${figure.unit}`,
      `${valueText(servers.distribution3)} ${figure.unit}`,
      ratioText(servers.stowage),
      targetText(target, figure.unit),
      reached === undefined ? NOTHING : reached ? "yes" : "NO",
    ];
    return [cells];
  });
  const head = ["figure", TITLES.stowage, TITLES.distribution3, "ratio", "target", "reached"];
  return [head, ...rows];
}

/** Processor time of one operation. */
export function cpuRows(comparisons: readonly Comparison[]): Rows {
  const timed = comparisons.filter(({ servers }) => servers.stowage?.cpuMs !== undefined);
  return [
    ["one operation", "of", ...COLUMNS.map((kind) => TITLES[kind])],
    ...timed.map((comparison) => [
      titleOf(comparison),
      comparison.figure.operation ?? "request",
      ...COLUMNS.map((kind) => {
        const cpuMs = comparison.servers[kind]?.cpuMs;
        return cpuMs === undefined ? NOTHING : formatCpu(cpuMs);
      }),
    ]),
  ];
}

/** A figure with the size of the storage it was taken with. */
export function titleOf({ figure, size }: Comparison): string {
  if (size === undefined) return figure.title;
  return `${figure.title} (storage of ${size.toLocaleString("en-US")})`;
}

function valueText(figure: ServerFigure | undefined): string {
  return figure === undefined ? NOTHING : formatNumber(figure.value);
}

function ratioText(figure: ServerFigure | undefined): string {
  return figure?.ratio === undefined ? NOTHING : formatRatio(figure.ratio);
}

function targetText({ ratio, atMost }: Target, unit: string): string {
  return atMost === undefined ? `${ratio}x` : `at most ${atMost} ${unit}`;
}
