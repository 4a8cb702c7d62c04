import type { RegistryKind } from "../../tests/support/servers.ts";
import { legend } from "./bar_plot.ts";
import { COLUMNS } from "./comparison_tables.ts";
import { formatNumber } from "./format_figure.ts";
import { COLOURS, drawing, element, INK, label, line, round } from "./svg.ts";

/** A point of a curve. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One plot of several curves. */
export interface Panel {
  readonly title: string;
  readonly unit: string;
  /** Points in order of `x`; all numbers more than 0. */
  readonly curves: Readonly<Partial<Record<RegistryKind, readonly Point[]>>>;
}

/** Where something is drawn, in pixels. */
interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const COLUMNS_OF_PANELS = 3;
const PANEL = { width: 290, height: 210 } as const;
const TOP = 66;
const MARGIN = { left: 56, right: 18, top: 34, bottom: 34 } as const;

/**
 * Draws panels beside each other. Both axes count in powers of ten, so that what is ten times as
 * much for ten times as many is a straight line upwards, and what does not grow a level one.
 */
export function curvePlot(
  { title, panels }: { readonly title: string; readonly panels: readonly Panel[] },
): string {
  const columns = Math.min(COLUMNS_OF_PANELS, panels.length);
  const rows = Math.ceil(panels.length / columns);
  const kinds = COLUMNS.filter((kind) => panels.some(({ curves }) => curves[kind] !== undefined));
  const width = Math.max(2, columns) * PANEL.width;
  const height = TOP + rows * PANEL.height;
  const content = panels.flatMap((panel, index) =>
    drawPanel(panel, {
      left: (index % columns) * PANEL.width + MARGIN.left,
      top: TOP + Math.floor(index / columns) * PANEL.height + MARGIN.top,
      width: PANEL.width - MARGIN.left - MARGIN.right,
      height: PANEL.height - MARGIN.top - MARGIN.bottom,
    })
  );
  const head = label(title, { x: 16, y: 26, size: 15, bold: true });
  return drawing({ width, height, title }, [head, legend(kinds), ...content]);
}

function drawPanel({ title, unit, curves }: Panel, box: Box): string[] {
  const points = Object.values(curves).flat();
  const xs = decades(points.map(({ x }) => x));
  const ys = decades(points.map(({ y }) => y));
  const at = ({ x, y }: Point): Point => ({
    x: box.left + place(x, xs) * box.width,
    y: box.top + (1 - place(y, ys)) * box.height,
  });
  return [
    label(`${title} (${unit})`, { x: box.left - 40, y: box.top - 12, size: 11, bold: true }),
    ...grid(box, { xs, ys, at }),
    ...COLUMNS.flatMap((kind) => drawCurve((curves[kind] ?? []).map(at), COLOURS[kind])),
  ];
}

function drawCurve(points: readonly Point[], colour: string): string[] {
  const path = points.map(({ x, y }) => `${round(x)},${round(y)}`).join(" ");
  return [
    element("polyline", { points: path, fill: "none", stroke: colour, "stroke-width": 2 }),
    ...points.map(({ x, y }) =>
      element("circle", { cx: round(x), cy: round(y), r: 3.5, fill: colour })
    ),
  ];
}

/** Lines and numbers at the powers of ten. */
function grid(
  box: Box,
  { xs, ys, at }: {
    readonly xs: readonly number[];
    readonly ys: readonly number[];
    readonly at: (point: Point) => Point;
  },
): string[] {
  const right = box.left + box.width;
  const bottom = box.top + box.height;
  const stroke = { stroke: INK.grid, "stroke-width": 1 };
  const small = { size: 11, colour: INK.faint } as const;
  const origin = { x: xs[0] ?? 1, y: ys[0] ?? 1 };
  return [
    ...ys.flatMap((value) => {
      const { y } = at({ ...origin, y: value });
      const text = { x: box.left - 6, y: y + 4, anchor: "end", ...small } as const;
      return [line([box.left, y], [right, y], stroke), label(formatNumber(value), text)];
    }),
    ...xs.flatMap((value) => {
      const { x } = at({ ...origin, x: value });
      const text = { x, y: bottom + 16, anchor: "middle", ...small } as const;
      return [line([x, box.top], [x, bottom], stroke), label(formatNumber(value), text)];
    }),
  ];
}

/** The powers of ten from below the smallest to above the largest value, two at least. */
function decades(values: readonly number[]): readonly number[] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: high - low + 1 }, (_, index) => 10 ** (low + index));
}

/** Where a value is between the first (0) and the last (1) power of ten. */
function place(value: number, powers: readonly number[]): number {
  const low = Math.log10(powers[0] ?? 1);
  const high = Math.log10(powers.at(-1) ?? 10);
  return (Math.log10(value) - low) / (high - low);
}
