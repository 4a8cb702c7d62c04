/**
 * YAML to a tree in which each value keeps its text and its source.
 *
 * The text is parsed twice: once for YAML's types, once with the schema that knows text only, which
 * keeps scalars as they are written. Merge keys (`<<`) are seen by the first pass alone.
 *
 * @module
 */

import { parse } from "@std/yaml";
import { findLines } from "./_lines.ts";
import type { Node } from "./_tree.ts";
import type { Source } from "./error.ts";
import { formatPath, type Path } from "./shape.ts";

/** Deepest nesting and most values that are read, against aliases that multiply. */
const MAX_DEPTH = 64;
const MAX_NODES = 100_000;

/** Says why a text is not usable YAML; never quotes it, since it may hold a secret. */
export interface YamlProblem {
  /** What the parser says, without the text. */
  readonly reason: string;
  /** From 1. */
  readonly line?: number;
}

/** What came of a text. */
export type YamlResult =
  | { readonly node: Node; readonly duplicates?: YamlProblem }
  | { readonly problem: YamlProblem };

/** Reads a configuration file. Of a key that is there twice the last counts, as in Distribution. */
export function parseFile(text: string, fileName: string | undefined): YamlResult {
  const lines = findLines(text);
  const sourceOf = (path: Path): Source => {
    if (fileName === undefined) return { kind: "default" };
    const line = lineOf(lines, path);
    return line === undefined ? { kind: "file", fileName } : { kind: "file", fileName, line };
  };
  const strict = parseYaml(text, sourceOf, false);
  if (!("problem" in strict) || !strict.problem.reason.includes("duplicated key")) return strict;
  const tolerant = parseYaml(text, sourceOf, true);
  return "problem" in tolerant ? tolerant : { ...tolerant, duplicates: strict.problem };
}

/** Reads the value of an environment variable. */
export function parseVariable(text: string, source: Source): YamlResult {
  return parseYaml(text, () => source, false);
}

function parseYaml(
  text: string,
  sourceOf: (path: Path) => Source,
  allowDuplicateKeys: boolean,
): YamlResult {
  let typed: unknown;
  try {
    typed = parse(text, { allowDuplicateKeys });
  } catch (error) {
    // Not always a YamlSyntaxError: some tags with nothing behind them make the parser stumble.
    return { problem: describeSyntaxError(error) };
  }
  const written = parseText(text);
  let count = 0;
  let isTooLarge = false;
  const build = (value: unknown, raw: unknown, path: Path): Node => {
    isTooLarge ||= ++count > MAX_NODES || path.length > MAX_DEPTH;
    const source = sourceOf(path);
    if (isTooLarge) return { type: "scalar", value: null, text: "", source };
    return buildNode({ value, raw, path, source, build });
  };
  const node = build(typed, written, []);
  return isTooLarge ? { problem: { reason: "too many values, or nested too deep" } } : { node };
}

/** The second pass; explicit tags (`!!int`) are beyond it, and cost the written text only. */
function parseText(text: string): unknown {
  try {
    return parse(text, { schema: "failsafe", allowDuplicateKeys: true });
  } catch {
    return undefined;
  }
}

interface BuildOptions {
  readonly value: unknown;
  readonly raw: unknown;
  readonly path: Path;
  readonly source: Source;
  readonly build: (value: unknown, raw: unknown, path: Path) => Node;
}

function buildNode({ value, raw, path, source, build }: BuildOptions): Node {
  if (Array.isArray(value)) {
    const items = value.map((item, index) =>
      build(item, Array.isArray(raw) ? raw[index] : undefined, [...path, index])
    );
    return { type: "list", items, source };
  }
  if (isMapping(value)) {
    const entries = Object.entries(value).map(([key, child]) =>
      [key, build(child, writtenChild(raw, key), [...path, key])] as const
    );
    return { type: "map", entries: new Map(entries), source };
  }
  const written = typeof raw === "string" ? raw : String(value ?? "");
  if (typeof value === "number" || typeof value === "boolean") {
    return { type: "scalar", value, text: written, source };
  }
  if (value === null || value === undefined) {
    return { type: "scalar", value: null, text: "", source };
  }
  // A date, or bytes: only its text is of use.
  const text = typeof value === "string" ? value : written;
  return { type: "scalar", value: text, text, source };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

function writtenChild(raw: unknown, key: string): unknown {
  if (!isMapping(raw)) return undefined;
  return Object.hasOwn(raw, key) ? raw[key] : undefined;
}

function lineOf(lines: ReadonlyMap<string, number>, path: Path): number | undefined {
  for (let length = path.length; length > 0; length--) {
    const line = lines.get(formatPath(path.slice(0, length)));
    if (line !== undefined) return line;
  }
  return undefined;
}

/** Keeps the parser's reason, and drops the excerpt and every name that it quotes. */
function describeSyntaxError(error: unknown): YamlProblem {
  if (!(error instanceof Error) || error.name !== "YamlSyntaxError") {
    return { reason: "the parser can make nothing of it" };
  }
  const [head = ""] = error.message.split("\n");
  const match = /^(.*?)(?: at line (\d+), column \d+:?)?$/.exec(head);
  const reason = (match?.[1] ?? head).replaceAll(/"[^"]*"|!<[^>]*>/g, '"…"');
  return match?.[2] === undefined ? { reason } : { reason, line: Number(match[2]) };
}
