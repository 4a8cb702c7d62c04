import type { Source } from "./error.ts";

/** A single value with the text it was written as, which YAML's types would lose (`0123`). */
export interface ScalarNode {
  readonly type: "scalar";
  readonly value: string | number | boolean | null;
  readonly text: string;
  readonly source: Source;
}

/** A mapping; its entries change while environment variables are laid over the file. */
export interface MapNode {
  readonly type: "map";
  readonly entries: Map<string, Node>;
  readonly source: Source;
}

/** A list; its items change while environment variables are laid over the file. */
export interface ListNode {
  readonly type: "list";
  readonly items: Node[];
  readonly source: Source;
}

/** What was read, before anything is known of its meaning, each value with where it came from. */
export type Node = ScalarNode | MapNode | ListNode;

/** An empty mapping. */
export function emptyMap(source: Source): MapNode {
  return { type: "map", entries: new Map(), source };
}

/** Tells whether there is no value: the key is missing, or YAML's null, or an empty text. */
export function isEmpty(node: Node | undefined): boolean {
  return node === undefined ||
    (node.type === "scalar" && (node.value === null || node.text === ""));
}

/** The node at `path`, if the tree has one. */
export function nodeAt(
  root: Node | undefined,
  path: readonly (string | number)[],
): Node | undefined {
  let node = root;
  for (const part of path) {
    if (node?.type === "map" && typeof part === "string") node = node.entries.get(part);
    else if (node?.type === "list" && typeof part === "number") node = node.items[part];
    else return undefined;
  }
  return node;
}

/** The tree as plain values. */
export function toPlain(node: Node): unknown {
  switch (node.type) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map(toPlain);
    case "map":
      return Object.fromEntries([...node.entries].map(([key, child]) => [key, toPlain(child)]));
  }
}

/**
 * The mapping that a bare name stands for, `{ inmemory: {} }` for `inmemory`; any other node is
 * given back as it is. `None` is `none`.
 */
export function expandName(node: Node): Node {
  if (node.type !== "scalar" || typeof node.value !== "string" || node.text === "") return node;
  const map = emptyMap(node.source);
  map.entries.set(node.value.toLowerCase(), emptyMap(node.source));
  return map;
}
