/**
 * From the tree to the plain values that the schema checks: reads each value as the kind that its
 * key has, leaves out what is empty, and tells of keys that nothing knows.
 *
 * @module
 */

import { parseDuration } from "../base/duration.ts";
import { nearest } from "./_nearest.ts";
import type { Report } from "./_report.ts";
import { type Node, type ScalarNode, toPlain } from "./_tree.ts";
import {
  formatPath,
  isObsolete,
  type LeafShape,
  listKeys,
  type MapShape,
  type Path,
  type SectionShape,
  type Shape,
} from "./shape.ts";

/** YAML 1.1's switches and Go's; quoted or not. */
const SWITCHES: ReadonlyMap<string, boolean> = new Map([
  ...["true", "yes", "on", "y", "t", "1"].map((word) => [word, true] as const),
  ...["false", "no", "off", "n", "f", "0"].map((word) => [word, false] as const),
]);

/** The switches that YAML 1.1 reads as such where nothing else tells that one is meant. */
const YAML_SWITCHES: ReadonlySet<string> = new Set(["yes", "no", "on", "off", "y", "n"]);

const NANOSECONDS_PER_MS = 1e6;

/** What does not change on the way down. */
export interface CoerceOptions {
  /** What the whole configuration may hold. */
  readonly root: SectionShape;
  readonly report: Report;
}

/** Reads `node`; `undefined` where there is no value, or none that could be told. */
export function coerce(
  node: Node | undefined,
  shape: Shape,
  at: CoerceOptions & { readonly path: Path },
): unknown {
  if (node === undefined) return undefined;
  switch (shape.type) {
    case "section":
      return coerceSection(node, shape, at);
    case "map":
      return coerceMap(node, shape, at);
    case "list":
      if (isNull(node)) return undefined;
      if (node.type !== "list") return misfit(at, 'write it as ["…"], or one "- …" a line');
      return node.items.map((item, index) =>
        coerce(item, shape.item, { ...at, path: [...at.path, index] })
      );
    case "leaf":
      return coerceLeaf(node, shape, at);
  }
}

type At = CoerceOptions & { readonly path: Path };

function coerceSection(node: Node, shape: SectionShape, at: At): unknown {
  if (node.type !== "map") return isNull(node) ? coerceFields(new Map(), shape, at) : misfit(at);
  return coerceFields(node.entries, shape, at);
}

function coerceFields(entries: ReadonlyMap<string, Node>, shape: SectionShape, at: At): unknown {
  for (const key of entries.keys()) {
    if (!Object.hasOwn(shape.fields, key)) tellUnknown(key, shape, at);
  }
  const values: [string, unknown][] = [];
  for (const [key, field] of Object.entries(shape.fields)) {
    const path = [...at.path, key];
    const value = coerce(entries.get(key), field, { ...at, path });
    if (value !== undefined) values.push([key, value]);
    else if (field.type === "leaf" && field.required === true) {
      at.report.problem(path, {
        message: `Add the missing key: ${field.about.replaceAll(/`|\.$/g, "")}`,
      });
    }
  }
  return Object.fromEntries(values);
}

/** A key without a value is left out, as everywhere. */
function coerceMap(node: Node, shape: MapShape, at: At): unknown {
  if (isNull(node)) return undefined;
  if (node.type !== "map") return misfit(at);
  const values = [...node.entries].map(([key, child]) => {
    const value = coerce(child, shape.value, { ...at, path: [...at.path, key] });
    return [key, value] as const;
  });
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function coerceLeaf(node: Node, shape: LeafShape, at: At): unknown {
  if (shape.kind === "anything") return toPlain(node) ?? undefined;
  if (isNull(node)) return undefined;
  if (node.type !== "scalar") {
    const isVariable = node.source.kind === "environment" && shape.kind === "text";
    return misfit(at, isVariable ? "the value is read as YAML: put it in quotes" : undefined);
  }
  switch (shape.kind) {
    case "text":
      return shape.values === undefined ? node.text : coerceChoice(node, shape, at);
    case "boolean":
      return coerceSwitch(node, shape, at);
    case "integer":
      return /^[+-]?\d+$/.test(String(node.value)) ? Number(node.value) : node.value;
    case "duration":
      return coerceDuration(node, shape, at);
  }
}

function coerceChoice(node: ScalarNode, shape: LeafShape, at: At): string | undefined {
  const written = shape.ignoreCase === true ? node.text.toLowerCase() : node.text;
  const value = lookUp(shape.synonyms, written) ?? written;
  const replacement = lookUp(shape.replaced, value);
  if (replacement !== undefined) {
    at.report.warn(at.path, {
      message: `Replace the obsolete value "${value}", which is read as "${replacement}"`,
    });
    return replacement;
  }
  if (shape.lenient !== true || shape.values?.includes(value) === true) return value;
  at.report.warn(at.path, { message: `Ignoring the value, which is not ${shape.expected}` });
  return undefined;
}

/** Where Distribution takes anything but a boolean for the default, that is kept, but told. */
function coerceSwitch(node: ScalarNode, shape: LeafShape, at: At): unknown {
  if (typeof node.value === "boolean") return node.value;
  const word = node.text.toLowerCase();
  if (shape.lenient !== true || YAML_SWITCHES.has(word)) return SWITCHES.get(word) ?? node.value;
  at.report.warn(at.path, {
    message: `Ignoring the value, which is no boolean, and taking ${shape.default}; ` +
      "write true or false without quotes",
  });
  return undefined;
}

function coerceDuration(node: ScalarNode, shape: LeafShape, at: At): number | undefined {
  if (typeof node.value === "string") {
    const durationMs = parseDuration(node.value);
    if (durationMs !== undefined) return durationMs;
    const isNumber = /^\d+(?:\.\d+)?$/.test(node.value);
    return misfit(at, isNumber ? `add a unit, such as "${node.value}s"` : undefined);
  }
  if (typeof node.value !== "number" || !Number.isInteger(node.value)) return misfit(at);
  if (shape.textOnly === true && node.value !== 0) {
    return misfit(at, `add a unit, such as "${node.value}h"`);
  }
  const durationMs = node.value / NANOSECONDS_PER_MS;
  if (durationMs !== 0 && Math.abs(durationMs) < 1) {
    at.report.warn(at.path, {
      message: `Add a unit, such as "${node.value}s": a bare number is read as nanoseconds`,
    });
  }
  return durationMs;
}

function misfit({ report, path }: At, hint?: string): undefined {
  report.misfit(path, hint);
  return undefined;
}

/** A name that may stand alone for a section picks what is built, so an unknown one stops. */
function tellUnknown(key: string, shape: SectionShape, { root, report, path }: At): void {
  const known = nearestKey(key, shape, { root, path });
  const place = [...path, key];
  const found = "an unknown key";
  if (shape.nameAlone !== undefined) {
    report.problem(place, {
      found,
      expected: `one of ${currentKeys(shape).join(", ")}`,
      message: `Correct "${key}", which is unknown; the nearest known key is "${known}"`,
    });
    return;
  }
  report.warn(place, {
    found,
    expected: `"${known}"`,
    message: `Ignoring the unknown key; the nearest known key is "${known}"`,
  });
}

/** A key that only stands in the wrong section is nearer than one that is merely spelt alike. */
function nearestKey(
  key: string,
  shape: SectionShape,
  { root, path }: { readonly root: SectionShape; readonly path: Path },
): string {
  const lower = key.toLowerCase();
  const current = currentKeys(shape);
  const sibling = nearest(lower, current.length > 0 ? current : Object.keys(shape.fields));
  if (sibling !== lower) {
    const elsewhere = [...listKeys(root)].filter((listed) =>
      !listed.obsolete && listed.path.endsWith(`.${lower}`)
    );
    const [only] = elsewhere;
    if (elsewhere.length === 1 && only !== undefined) return only.path;
  }
  return formatPath([...path, sibling]);
}

function currentKeys(shape: SectionShape): string[] {
  return Object.entries(shape.fields).flatMap(([key, field]) => isObsolete(field) ? [] : [key]);
}

function isNull(node: Node): boolean {
  return node.type === "scalar" && (node.value === null || node.text === "");
}

function lookUp(table: Readonly<Record<string, string>> | undefined, key: string) {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}
