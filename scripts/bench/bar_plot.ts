import type { RegistryKind } from "../../tests/support/servers.ts";
import { COLUMNS } from "./comparison_tables.ts";
import { TITLES } from "./servers.ts";
import { COLOURS, drawing, element, INK, label, line, round } from "./svg.ts";

/** One figure: a bar for each server. */
export interface BarRow {
  readonly title: string;
  readonly values: Readonly<Partial<Record<RegistryKind, number>>>;
  /** Where a mark is drawn across the bars. */
  readonly mark?: number;
}

/** Options of {@linkcode barPlot}. */
export interface BarPlotOptions {
  readonly title: string;
  readonly rows: readonly BarRow[];
  /** Writes a value at the end of its bar. */
  format(value: number): string;
}

const WIDTH = 760;
const LEFT = 250;
const RIGHT = 70;
const TOP = 62;
const BAR = 13;
const GAP = 12;

/** Draws bars of one unit from zero on, the longest one as wide as there is room. */
export function barPlot({ title, rows, format }: BarPlotOptions): string {
  const kinds = COLUMNS.filter((kind) => rows.some(({ values }) => values[kind] !== undefined));
  const longest = Math.max(...rows.flatMap(({ values, mark = 0 }) => [
    mark,
    ...Object.values(values),
  ]));
  const scale = (WIDTH - LEFT - RIGHT) / longest;
  const rowHeight = kinds.length * BAR + GAP;
  const height = TOP + rows.length * rowHeight + 10;
  const content = [label(title, { x: 16, y: 26, size: 15, bold: true }), legend(kinds)];
  for (const [index, row] of rows.entries()) {
    const y = TOP + index * rowHeight;
    content.push(
      label(row.title, { x: LEFT - 10, y: y + kinds.length * BAR / 2 + 4, anchor: "end" }),
      ...mark(row, { from: y - 3, to: y + kinds.length * BAR + 3, scale }),
      ...bars(row, { kinds, y, scale, format }),
    );
  }
  return drawing({ width: WIDTH, height, title }, content);
}

/** Names the colours, in one line. */
export function legend(kinds: readonly RegistryKind[], y = 46): string {
  return kinds.map((kind, index) => {
    const x = 16 + index * 160;
    const square = { x, y: y - 9, width: 10, height: 10, fill: COLOURS[kind] };
    return element("rect", square) + label(TITLES[kind], { x: x + 16, y, colour: INK.faint });
  }).join("\n");
}

function mark(
  row: BarRow,
  { from, to, scale }: { readonly from: number; readonly to: number; readonly scale: number },
): string[] {
  if (row.mark === undefined) return [];
  const x = LEFT + row.mark * scale;
  return [line([x, from], [x, to], { stroke: INK.mark, "stroke-width": 2 })];
}

function bars(
  { values }: BarRow,
  { kinds, y, scale, format }: Pick<BarPlotOptions, "format"> & {
    readonly kinds: readonly RegistryKind[];
    readonly y: number;
    readonly scale: number;
  },
): string[] {
  return kinds.flatMap((kind, index) => {
    const value = values[kind];
    if (value === undefined) return [];
    const top = y + index * BAR;
    const width = Math.max(1, value * scale);
    const bar = { x: LEFT, y: top, width: round(width), height: BAR - 2, fill: COLOURS[kind] };
    const end = { x: LEFT + width + 5, y: top + 10, size: 11, colour: INK.faint, halo: true };
    return [element("rect", bar), label(format(value), end)];
  });
}
