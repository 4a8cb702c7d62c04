/**
 * Finds the line of each key of a YAML text. The parser does not tell positions, so this reads the
 * block structure once more, by indentation alone. It may miss a key (in a flow collection, say),
 * and the caller then takes the line of what is around it; a wrong line can only mislead a reader.
 *
 * @module
 */

import { formatPath, type Path } from "./shape.ts";

const KEY_REGEXP =
  /^(?:"([^"]*)"|'([^']*)'|([^\s#'"{}[\],&*!|>%@`-][^:#]*?|-[^\s:#][^:#]*?))\s*:(?:\s+(.*))?$/;
const BLOCK_TEXT_REGEXP = /^(?:[&!]\S+\s+)*[|>][0-9+-]*\s*(?:#.*)?$/;

interface Level {
  readonly column: number;
  readonly kind: "key" | "item";
  readonly path: Path;
}

/** The lines of the keys and list items of `text`, from 1, by their path as messages show it. */
export function findLines(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  const levels: Level[] = [];
  let textAbove: number | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const indent = line.length - line.trimStart().length;
    if (line.trim() === "" || line.trimStart().startsWith("#")) continue;
    if (textAbove !== undefined && indent > textAbove) continue;
    textAbove = undefined;
    const { column, rest } = readDashes({ column: indent, rest: line.trim() }, (at) => {
      const parent = climb(levels, (level) => level.column > at || isItemAt(level, at));
      const path = [...parent, nextIndex(counts, parent)];
      levels.push({ column: at, kind: "item", path });
      note(lines, path, index + 1);
    });
    const match = KEY_REGEXP.exec(rest);
    if (match === null) continue;
    const path = [...climb(levels, (level) => level.column >= column), keyOf(match)];
    levels.push({ column, kind: "key", path });
    note(lines, path, index + 1);
    if (BLOCK_TEXT_REGEXP.test(match[4] ?? "")) textAbove = column;
  }
  return lines;
}

interface Remainder {
  readonly column: number;
  readonly rest: string;
}

/** Takes the list dashes off the start of a line, telling the column of each. */
function readDashes(start: Remainder, onDash: (column: number) => void): Remainder {
  let { column, rest } = start;
  while (/^-(?:\s|$)/.test(rest)) {
    onDash(column);
    const behind = rest.slice(1);
    column += 1 + behind.length - behind.trimStart().length;
    rest = behind.trimStart();
  }
  return { column, rest };
}

/** Leaves every level that `over` says is over, and gives the path of the one that remains. */
function climb(levels: Level[], over: (level: Level) => boolean): Path {
  let last = levels.at(-1);
  while (last !== undefined && over(last)) {
    levels.pop();
    last = levels.at(-1);
  }
  return last?.path ?? [];
}

function isItemAt(level: Level, column: number): boolean {
  return level.kind === "item" && level.column === column;
}

function nextIndex(counts: Map<string, number>, parent: Path): number {
  const key = formatPath(parent);
  const index = counts.get(key) ?? 0;
  counts.set(key, index + 1);
  return index;
}

function keyOf(match: RegExpExecArray): string {
  return match[1] ?? match[2] ?? match[3] ?? "";
}

function note(lines: Map<string, number>, path: Path, line: number): void {
  const key = formatPath(path);
  if (!lines.has(key)) lines.set(key, line);
}
