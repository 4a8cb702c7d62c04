import { type Node, nodeAt } from "./_tree.ts";
import type { ConfigProblem, Source } from "./error.ts";
import { describeShape, formatPath, type Path, type Shape, shapeAt } from "./shape.ts";

/** What to say about a key. */
export interface Remark {
  /** What to do, or what happens now. */
  readonly message: string;
  /** What should be there. @default what the key's shape says */
  readonly expected?: string;
  /** What is there. @default the value, unless it is secret */
  readonly found?: string;
  /** Where it came from. @default where the value came from */
  readonly source?: Source | undefined;
}

/** Collects what is wrong and what is odd, so that all of it is told at once. */
export interface Report {
  /** Notes something that cannot be used; a second problem of the same key is dropped. */
  problem(path: Path, remark: Remark): void;
  /** Notes that the value is not what the key's shape asks for; `hint` says more. */
  misfit(path: Path, hint?: string): void;
  /** Notes something that is used all the same, or that is left out. */
  warn(path: Path, remark: Remark): void;
  /** Whether the file or the environment has a value, or a section, at `path`. */
  given(path: Path): boolean;
  /** The keys of the mapping at `path`, known or not; none where it is something else. */
  keysOf(path: Path): readonly string[];
  /** Where the value at `path`, or else what is nearest above it, came from. */
  sourceOf(path: Path): Source | undefined;
}

/** The report over one tree of values. */
export class TreeReport implements Report {
  readonly problems: ConfigProblem[] = [];
  readonly warnings: ConfigProblem[] = [];
  readonly #root: Node;
  readonly #shape: Shape;

  constructor(root: Node, shape: Shape) {
    this.#root = root;
    this.#shape = shape;
  }

  problem(path: Path, remark: Remark): void {
    const problem = this.#describe(path, remark);
    // What follows from a wrong value is no news.
    if (this.problems.some((earlier) => earlier.path === problem.path)) return;
    this.problems.push(problem);
  }

  misfit(path: Path, hint?: string): void {
    const { found, expected } = this.#describe(path, { message: "" });
    const message = found === "nothing" ? `Give ${expected}` : `Give ${expected}, not ${found}`;
    this.problem(path, { message: hint === undefined ? message : `${message}; ${hint}` });
  }

  warn(path: Path, remark: Remark): void {
    this.warnings.push(this.#describe(path, remark));
  }

  given(path: Path): boolean {
    return nodeAt(this.#root, path) !== undefined;
  }

  keysOf(path: Path): readonly string[] {
    const node = nodeAt(this.#root, path);
    return node?.type === "map" ? [...node.entries.keys()] : [];
  }

  sourceOf(path: Path): Source | undefined {
    for (let length = path.length; length >= 0; length--) {
      const node = nodeAt(this.#root, path.slice(0, length));
      if (node !== undefined) return node.source;
    }
    return undefined;
  }

  #describe(path: Path, remark: Remark): ConfigProblem {
    const { shape, secret } = shapeAt(this.#shape, path);
    const node = nodeAt(this.#root, path);
    const source = remark.source ?? this.sourceOf(path);
    return {
      path: formatPath(path),
      found: remark.found ?? describeNode(node, shape, secret),
      expected: remark.expected ?? (shape === undefined ? "a known key" : describeShape(shape)),
      message: remark.message,
      ...(source === undefined ? {} : { source }),
    };
  }
}

/** What stands in a message for a value that must not be shown. */
export const HIDDEN = "<hidden>";

/** Hides the password in a URL; any other text stays as it is. */
export function hideUserInfo(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/@:]*):[^/@]*@/i, `$1:${HIDDEN}@`);
}

/**
 * Tells what a value is, showing it only where it is a value that belongs there: a text in the
 * place of a section may be anything, a password too.
 */
function describeNode(node: Node | undefined, shape: Shape | undefined, secret: boolean): string {
  if (node === undefined) return "nothing";
  if (node.type === "map") return "a mapping";
  if (node.type === "list") return "a list";
  if (node.value === null || node.text === "") return "nothing";
  if (secret) return HIDDEN;
  const isShown = shape?.type === "leaf" ||
    (shape?.type === "section" && shape.nameAlone !== undefined);
  if (!isShown) return typeof node.value === "string" ? "a text" : "a single value";
  return typeof node.value === "string" ? `"${hideUserInfo(node.text)}"` : node.text;
}
