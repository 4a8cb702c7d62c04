import type { Report } from "./_report.ts";
import { emptyMap, expandName, isEmpty, type MapNode, type Node, nodeAt } from "./_tree.ts";
import {
  formatPath,
  type Obsolete,
  type Path,
  type SectionShape,
  type Shape,
  shapeAt,
} from "./shape.ts";

/** What a walk over the tree carries along. */
interface Walk {
  readonly root: MapNode;
  readonly shape: SectionShape;
  readonly report: Report;
}

/**
 * Moves the values of obsolete keys to the keys that took their place, unless those have values of
 * their own, and removes what nothing reads any more; each with a warning. Short forms
 * (`storage: inmemory`) become long ones on the way.
 */
export function moveObsolete(walk: Walk): void {
  visit(walk.root, walk.shape, { walk, path: [] });
}

interface Position {
  readonly walk: Walk;
  readonly path: Path;
}

function visit(node: Node, shape: Shape, { walk, path }: Position): void {
  if (node.type === "list" && shape.type === "list") {
    for (const [index, item] of node.items.entries()) {
      visit(item, shape.item, { walk, path: [...path, index] });
    }
  }
  if (node.type !== "map" || shape.type !== "section") return;
  for (const key of [...node.entries.keys()]) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    const child = node.entries.get(key);
    if (field === undefined || child === undefined) continue;
    visitField(node, key, { field, child, walk, path: [...path, key] });
  }
}

interface Visited extends Position {
  readonly field: Shape;
  readonly child: Node;
}

function visitField(parent: MapNode, key: string, { field, child, walk, path }: Visited): void {
  if (field.obsolete !== undefined) {
    retire(child, field.obsolete, { walk, path });
    if (field.obsolete.refused !== true) parent.entries.delete(key);
    return;
  }
  const isName = field.type === "section" && field.nameAlone !== undefined;
  const node = isName ? expandName(child) : child;
  if (isName) parent.entries.set(key, node);
  const wasFilled = node.type === "map" && node.entries.size > 0;
  visit(node, field, { walk, path });
  if (wasFilled && node.entries.size === 0) parent.entries.delete(key);
}

function retire(node: Node, { use, note, refused }: Obsolete, { walk, path }: Position): void {
  const { root, shape, report } = walk;
  if (refused === true) report.problem(path, { expected: "no such key", message: note });
  if (refused === true || isEmpty(node)) return;
  if (use === undefined) {
    report.warn(path, { expected: "no such key", message: `Remove the obsolete key: ${note}` });
    return;
  }
  const target = use.split(".").map((part, index) => part === "*" ? path[index] ?? part : part);
  const name = formatPath(target);
  const isFree = isEmpty(nodeAt(root, target));
  report.warn(path, {
    expected: `"${name}"`,
    message: isFree
      ? `Rename the obsolete key to "${name}", as which it is read: ${note}`
      : `Remove the obsolete key: "${name}" is set and counts`,
  });
  if (!isFree) return;
  const isWrapped = shapeAt(shape, target).shape?.type === "list" && node.type === "scalar";
  place(root, target, isWrapped ? { type: "list", items: [node], source: node.source } : node);
}

/** Puts a node at `path`, making the mappings above it. */
function place(root: MapNode, path: Path, node: Node): void {
  let map: Node | undefined = root;
  for (const [index, part] of path.entries()) {
    if (index === path.length - 1) {
      if (map.type === "map") map.entries.set(String(part), node);
      return;
    }
    let next: Node | undefined = nodeAt(map, [part]);
    if (map.type === "map" && isEmpty(next)) {
      next = emptyMap(node.source);
      map.entries.set(String(part), next);
    }
    if (next === undefined) return;
    map = next;
  }
}
