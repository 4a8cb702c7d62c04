import { stringify } from "@std/yaml";
import { formatDuration } from "../base/duration.ts";
import type { LeafShape } from "./shape.ts";

/** A text as YAML on one line, in quotes where it needs them. */
export function yamlText(text: string): string {
  const yaml = (stringify as (data: unknown) => string)(text).trimEnd();
  return yaml.includes("\n") ? JSON.stringify(text) : yaml;
}

/** A duration as people write it, `24h` for Go's `24h0m0s`. */
export function shortDuration(durationMs: number): string {
  return formatDuration(durationMs).replace(/([hm])0s$/, "$1").replace(/h0m$/, "h");
}

/** The default of a key as people write it; empty where there is none. */
export function defaultWords({ kind, default: value }: LeafShape): string {
  if (value === undefined) return "";
  return kind === "duration" ? shortDuration(Number(value)) : String(value);
}
