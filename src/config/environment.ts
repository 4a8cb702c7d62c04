/**
 * Environment variables over the file: `REGISTRY_HTTP_ADDR` is `http.addr`.
 *
 * Source: Distribution's rules, but an index of a list of texts, keys that contain `_`, and the
 * sections below `storage.maintenance` work as one would expect, and `_10` comes after `_9`.
 *
 * @module
 */

import { compareNames } from "../base/bytes.ts";
import { nearest } from "./_nearest.ts";
import type { Report } from "./_report.ts";
import { emptyMap, expandName, isEmpty, type MapNode, type Node } from "./_tree.ts";
import { parseVariable } from "./_yaml.ts";
import type { Source } from "./error.ts";
import {
  listKeys,
  type ListShape,
  type MapShape,
  type Path,
  type SectionShape,
  type Shape,
} from "./shape.ts";

/** What the name of every variable of the registry begins with. */
export const ENVIRONMENT_PREFIX = "REGISTRY_";

/** Names the configuration file; consumed before the file is read. */
export const PATH_VARIABLE = "REGISTRY_CONFIGURATION_PATH";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Name and value. Source: Kubernetes, "Accessing the Service", environment variables. */
const SERVICE_REGEXP =
  /^\w+_(?:SERVICE_(?:HOST|PORT\w*)=|PORT_\d+_(?:TCP|UDP|SCTP)\w*=|PORT=(?:tcp|udp|sctp):)/;

const SERVICE_MESSAGE =
  "Ignoring it: it is unknown, and looks like what Kubernetes sets for a service";

/** The name of the variable that sets a key, `<n>` standing for an index and `<NAME>` for a key. */
export function environmentName(path: string): string {
  const name = path.replaceAll("[]", "_<n>").replaceAll(".", "_").toUpperCase();
  return ENVIRONMENT_PREFIX + name.replaceAll("<N>", "<n>");
}

/** Options of {@linkcode applyEnvironment}. */
export interface ApplyOptions {
  readonly env: Environment;
  /** What the configuration may hold. */
  readonly shape: SectionShape;
  readonly report: Report;
}

/** Lays the variables over `root`, in place, parents before children. */
export function applyEnvironment(root: MapNode, { env, shape, report }: ApplyOptions): void {
  const names = Object.keys(env).filter((name) => name.startsWith(ENVIRONMENT_PREFIX));
  const place: Place = { shape, path: [], get: () => root, set: () => {} };
  for (const name of names.sort(compareVariables)) {
    const value = env[name];
    if (value === undefined || name === PATH_VARIABLE) continue;
    const source: Source = { kind: "environment", name };
    const parts = name.slice(ENVIRONMENT_PREFIX.length).split("_");
    if (!override(place, parts, { value, source, report })) {
      report.warn([name], {
        found: "an environment variable",
        expected: "a known variable",
        message: SERVICE_REGEXP.test(`${name}=${value}`)
          ? SERVICE_MESSAGE
          : unknownMessage(name, shape),
        source,
      });
    }
  }
}

/** A place in the tree; writing to it makes what is missing above it. */
interface Place {
  readonly shape: Shape;
  readonly path: Path;
  get(): Node | undefined;
  set(node: Node): void;
}

interface Override {
  readonly value: string;
  readonly source: Source;
  readonly report: Report;
}

/** Sets what `parts` name below `place`; `false` where there is no such key. */
function override(place: Place, parts: readonly string[], given: Override): boolean {
  if (parts.length === 0) {
    setValue(place, given);
    return true;
  }
  const { shape } = place;
  switch (shape.type) {
    case "section":
      return overrideSection(place, shape, { parts, given });
    case "map":
      return overrideMap(place, shape, { parts, given });
    case "list":
      return overrideList(place, shape, { parts, given });
    case "leaf":
      if (shape.kind !== "anything") return false;
      return overrideMap(place, { ...shape, type: "map", value: shape }, { parts, given });
  }
}

interface Target {
  readonly parts: readonly string[];
  readonly given: Override;
}

function overrideSection(place: Place, shape: SectionShape, { parts, given }: Target): boolean {
  if (parts[0] === shape.inlineName && shape.inlineName !== undefined) {
    return override(place, parts.slice(1), given);
  }
  for (let length = 1; length <= parts.length; length++) {
    const name = parts.slice(0, length).join("_");
    const found = Object.entries(shape.fields).find(([key, child]) =>
      key.toUpperCase() === name || child.environmentNames?.includes(name)
    );
    if (found === undefined) continue;
    const [key, child] = found;
    if (child.fileOnly === true) return false;
    return override(childPlace(place, key, { shape: child, given }), parts.slice(length), given);
  }
  return false;
}

/** Distribution adds a second key beside one that differs in case; here the same key is meant. */
function overrideMap(place: Place, shape: MapShape, { parts, given }: Target): boolean {
  const { name, rest } = splitName(shape, parts);
  const node = place.get();
  const keys = node?.type === "map" ? [...node.entries.keys()] : [];
  const wanted = name.toLowerCase();
  const key = keys.find((candidate) => candidate.toLowerCase() === wanted) ?? wanted;
  return override(childPlace(place, key, { shape: shape.value, given }), rest, given);
}

/** A key of the user's choice may hold `_`, unless what follows leads on into its value. */
function splitName(
  { value }: MapShape,
  parts: readonly string[],
): { readonly name: string; readonly rest: readonly string[] } {
  const [first = "", ...others] = parts;
  if (value.type === "leaf" && value.kind === "anything") return { name: first, rest: others };
  const last = parts.at(-1) ?? "";
  if (value.type === "list" && parts.length > 1 && isIndex(last)) {
    return { name: parts.slice(0, -1).join("_"), rest: [last] };
  }
  return { name: parts.join("_"), rest: [] };
}

function overrideList(place: Place, shape: ListShape, { parts, given }: Target): boolean {
  const [first = "", ...rest] = parts;
  const { report, source } = given;
  const node = place.get();
  const length = node?.type === "list" ? node.items.length : 0;
  if (!isIndex(first) || Number(first) > length) {
    report.problem([...place.path, isIndex(first) ? Number(first) : first], {
      found: `"${first}" as index`,
      expected: `an index from 0 to ${length}`,
      message: `Number the items of the list from 0 without a gap: undefined index: ${first}`,
      source,
    });
    return true;
  }
  return override(itemPlace(place, Number(first), { shape: shape.item, given }), rest, given);
}

function setValue(place: Place, { value, source, report }: Override): void {
  const result = parseVariable(value, source);
  if ("problem" in result) {
    report.problem(place.path, {
      found: `a value that is no YAML: ${result.problem.reason}`,
      message: "Correct the value, which is read as YAML; a text with special characters needs " +
        "quotes within the variable",
      source,
    });
    return;
  }
  const { node } = result;
  place.set(node);
  const isText = place.shape.type === "leaf" && place.shape.kind === "text";
  if (isText && node.type === "scalar" && value.includes("#") && !node.text.includes("#")) {
    report.warn(place.path, {
      message: 'Put the value in quotes: "#" and what follows it was read as a comment',
      source,
    });
  }
}

function childPlace(
  parent: Place,
  key: string,
  { shape, given }: { readonly shape: Shape; readonly given: Override },
): Place {
  return {
    shape,
    path: [...parent.path, key],
    get: () => {
      const node = expanded(parent);
      return node?.type === "map" ? node.entries.get(key) : undefined;
    },
    set: (child) => {
      const node = expanded(parent);
      // What is no mapping stays, to be told as a problem of its own.
      if (!isEmpty(node) && node?.type !== "map") return;
      const map = node?.type === "map" ? node : emptyMap(given.source);
      map.entries.set(key, child);
      parent.set(map);
    },
  };
}

function itemPlace(
  parent: Place,
  index: number,
  { shape, given }: { readonly shape: Shape; readonly given: Override },
): Place {
  return {
    shape,
    path: [...parent.path, index],
    get: () => {
      const node = parent.get();
      return node?.type === "list" ? node.items[index] : undefined;
    },
    set: (item) => {
      const node = parent.get();
      if (!isEmpty(node) && node?.type !== "list") return;
      const list = node?.type === "list"
        ? node
        : { type: "list" as const, items: [], source: given.source };
      list.items[index] = item;
      parent.set(list);
    },
  };
}

/** The node of a place, `storage: inmemory` in its long form. */
function expanded(place: Place): Node | undefined {
  const node = place.get();
  const { shape } = place;
  if (node === undefined || shape.type !== "section" || shape.nameAlone === undefined) return node;
  return expandName(node);
}

function isIndex(part: string): boolean {
  return /^\d{1,6}$/.test(part);
}

/** Parents before children, indexes by number. */
function compareVariables(a: string, b: string): number {
  const left = a.split("_");
  const right = b.split("_");
  for (const [index, part] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = isIndex(part) && isIndex(other)
      ? Number(part) - Number(other)
      : compareNames(part, other);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function unknownMessage(name: string, shape: SectionShape): string {
  const keys = [...listKeys(shape)].filter(({ obsolete }) => !obsolete);
  const isFileOnly = keys.some((key) => key.shape.fileOnly && environmentName(key.path) === name);
  if (isFileOnly) return "Ignoring it: only the file can set this key";
  const names = keys.filter((key) => !key.shape.fileOnly).map(({ path }) => environmentName(path));
  const known = nearest(name.replaceAll(/_\d+(?=_|$)/g, "_<n>"), names);
  return `Ignoring unrecognized environment variable; the nearest known one is "${known}"`;
}
