import { type MapNode, nodeAt } from "./_tree.ts";
import type { Source } from "./error.ts";
import { formatPath, type Path, type SectionShape, type Shape } from "./shape.ts";

/** A part of a document: its key or index, its value, and what it is. */
export type DocumentChild = readonly [part: string | number, value: unknown, shape: Shape];

/** What is in a section, mapping or list of a document; nothing in a single value. */
export function documentChildren(value: unknown, shape: Shape): readonly DocumentChild[] {
  if (shape.type === "leaf" || typeof value !== "object" || value === null) return [];
  if (shape.type === "list") {
    return (value as readonly unknown[]).map((item, index) => [index, item, shape.item]);
  }
  return Object.entries(value).flatMap(([key, child]) => {
    const childShape = shape.type === "map" ? shape.value : shape.fields[key];
    return childShape === undefined || child === undefined ? [] : [[key, child, childShape]];
  });
}

/** The way to every single value of a document, and to every empty list and mapping. */
function* listPaths(value: unknown, shape: Shape, path: Path): Generator<Path> {
  const children = documentChildren(value, shape);
  if (children.length === 0) yield path;
  for (const [part, child, childShape] of children) {
    yield* listPaths(child, childShape, [...path, part]);
  }
}

/** Where each value of `document` came from: the tree it was read from, or the defaults. */
export function collectSources(
  { root, shape, document }: {
    readonly root: MapNode;
    readonly shape: SectionShape;
    readonly document: unknown;
  },
): ReadonlyMap<string, Source> {
  const sources = new Map<string, Source>();
  for (const path of listPaths(document, shape, [])) {
    sources.set(formatPath(path), nodeAt(root, path)?.source ?? { kind: "default" });
  }
  return sources;
}
