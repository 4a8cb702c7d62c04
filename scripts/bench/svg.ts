/**
 * Drawings as text: just enough of SVG for plots.
 *
 * @module
 */

/** Attributes of an element. */
export type Attributes = Readonly<Record<string, string | number>>;

/** Colours that can be told apart on white, also by those who see few colours. */
export const COLOURS = { stowage: "#1d5fd1", distribution3: "#e08214", distribution2: "#9aa3ad" };
/** Colours of what is not data. */
export const INK = { text: "#222222", faint: "#667077", grid: "#dfe3e6", mark: "#b3261e" };

/** Writes an element; `content` is markup. */
export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`).join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** Options of {@linkcode label}. */
export interface LabelOptions {
  readonly x: number;
  readonly y: number;
  /** @default "start" */
  readonly anchor?: "start" | "middle" | "end";
  /** In pixels. @default 12 */
  readonly size?: number;
  /** @default `INK.text` */
  readonly colour?: string;
  /** @default false */
  readonly bold?: boolean;
  /** Whether what is behind the text is blotted out around it. @default false */
  readonly halo?: boolean;
}

const HALO = { stroke: "#ffffff", "stroke-width": 4, "paint-order": "stroke" };

/** Writes a line of text. */
export function label(text: string, options: LabelOptions): string {
  const { x, y, anchor = "start", size = 12, colour = INK.text, bold, halo } = options;
  const weight = bold ? { "font-weight": "bold" } : {};
  const ground = halo ? HALO : {};
  const attributes = { x: round(x), y: round(y), "text-anchor": anchor, "font-size": size };
  return element("text", { ...attributes, fill: colour, ...weight, ...ground }, escapeXml(text));
}

/** Writes a straight line. */
export function line(
  from: readonly [x: number, y: number],
  to: readonly [x: number, y: number],
  attributes: Attributes,
): string {
  const [x1, y1] = from.map(round);
  const [x2, y2] = to.map(round);
  return element("line", { x1: x1 ?? 0, y1: y1 ?? 0, x2: x2 ?? 0, y2: y2 ?? 0, ...attributes });
}

/** Writes a whole drawing on a white ground, so that it can be read on a dark page too. */
export function drawing(
  { width, height, title }: {
    readonly width: number;
    readonly height: number;
    /** For those who do not see it. */
    readonly title: string;
  },
  content: readonly string[],
): string {
  const ground = element("rect", { width, height, fill: "#ffffff" });
  const name = element("title", {}, escapeXml(title));
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
    "font-family": "system-ui, sans-serif",
  }, `\n${[name, ground, ...content].join("\n")}\n`) + "\n";
}

/** A tenth of a pixel is finer than anybody sees. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
