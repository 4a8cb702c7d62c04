import { compareNames } from "../../base/bytes.ts";
import type { FileInfo, WalkOptions } from "../driver.ts";
import { type Position, positionBelow } from "../walk_tree.ts";
import type { Bucket } from "./_bucket.ts";
import { KeyCursor } from "./_key_cursor.ts";
import { finishedKey } from "./_unfinished.ts";

/** Which folder to walk. */
export interface WalkedFolder {
  readonly path: string;
  /** What its keys start with: its key and a slash, or nothing. */
  readonly prefix: string;
}

/** What a listing can be told to start behind. */
const LISTABLE_REGEXP = /^[A-Za-z0-9._-]+$/;

/**
 * Walks a folder by a flat listing: a thousand files a request, however many folders they are in.
 *
 * A listing is in the order of the keys, a walk in that of names, folder by folder. The two differ
 * where a name continues another one by `-` or `.`, for these sort before the slash: `a-b/file` comes
 * before `a/file`, but the folder `a` before `a-b`. So before such a name the folder that it
 * continues is looked for, which takes a request only if the page at hand cannot tell.
 */
export async function* walkObjects(
  bucket: Bucket,
  folder: WalkedFolder,
  { startAfter, enter }: WalkOptions = {},
): AsyncGenerator<FileInfo, void, void> {
  const position = positionBelow(folder.path, startAfter);
  if (position === undefined) return;
  const cursor = new KeyCursor(bucket, rangeOf(folder.prefix, position));
  yield* walkFolder({ cursor, folder, position, enter: enter ?? (() => true) });
}

/** A folder on the way of a walk. */
interface Visit {
  readonly cursor: KeyCursor;
  readonly folder: WalkedFolder;
  /** Names behind which the walk starts in it; none: all of it. */
  readonly position: Position;
  readonly enter: (folder: FileInfo) => boolean;
}

async function* walkFolder(visit: Visit): AsyncGenerator<FileInfo, void, void> {
  const { cursor, folder: { path, prefix }, position: [first, ...rest] } = visit;
  const below = path === "/" ? path : `${path}/`;
  const walkedAhead = new Set<string>();

  function* visitChild(name: string, from: KeyCursor): Generator<AsyncGenerator<FileInfo>> {
    const order = first === undefined ? 1 : compareNames(name, first);
    const child = { path: below + name, prefix: `${prefix}${name}/` };
    if (order < 0) return from.skip(child.prefix);
    const position = order === 0 ? rest : [];
    yield visitFolder({ ...visit, cursor: from, folder: child, position }, order > 0);
  }

  for (let next = await cursor.peek(); next?.key.startsWith(prefix); next = await cursor.peek()) {
    const [name = "", ...deeper] = next.key.slice(prefix.length).split("/");
    for (const ahead of namesContinuedBy(name)) {
      if (walkedAhead.has(ahead)) continue;
      walkedAhead.add(ahead);
      const fork = cursor.fork({ prefix: `${prefix}${ahead}/` });
      if (await fork.peek() === undefined) continue;
      for (const child of visitChild(ahead, fork)) yield* child;
    }
    if (name === "" || (deeper.length === 0 && finishedKey(name) !== undefined)) {
      cursor.advance();
    } else if (deeper.length === 0) {
      cursor.advance();
      if (first !== undefined && compareNames(name, first) <= 0) continue;
      const { sizeBytes, modifiedAtMs } = next;
      yield { path: below + name, sizeBytes, modifiedAtMs, isDirectory: false };
    } else if (walkedAhead.has(name)) {
      cursor.skip(`${prefix}${name}/`);
    } else {
      for (const child of visitChild(name, cursor)) yield* child;
    }
  }
}

async function* visitFolder(visit: Visit, isNew: boolean): AsyncGenerator<FileInfo, void, void> {
  const { folder, cursor, enter } = visit;
  const info: FileInfo = { path: folder.path, sizeBytes: 0, modifiedAtMs: 0, isDirectory: true };
  if (isNew) yield info;
  if (enter(info)) yield* walkFolder(visit);
  cursor.skip(folder.prefix);
}

/** The names that `name` continues by a character that sorts before the slash, shorter ones first. */
function namesContinuedBy(name: string): string[] {
  const names: string[] = [];
  for (let end = 1; end < name.length; end++) {
    if (compareNames(name.charAt(end), "/") < 0) names.push(name.slice(0, end));
  }
  return names;
}

/** Where a listing may start, so that nothing is missed that the walk is to yield. */
function rangeOf(prefix: string, [first]: Position): { prefix: string; startAfter?: string } {
  if (first === undefined || !LISTABLE_REGEXP.test(first)) return { prefix };
  return { prefix, startAfter: prefix + first };
}
