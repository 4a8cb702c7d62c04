import { compareNames } from "../base/bytes.ts";
import { type FileInfo, isPathNotFound, type StorageDriver, type WalkOptions } from "./driver.ts";

/** The calls of a driver that a walk is made of. */
export type WalkableDriver = Pick<StorageDriver, "list" | "stat">;

/**
 * Walks a tree with the calls `list` and `stat`, for a driver whose backend knows nothing faster.
 *
 * Folders that lie wholly before `startAfter` are not even listed.
 *
 * @throws {DriverError} path_not_found: no folder is at `root`
 */
export async function* walkTree(
  driver: WalkableDriver,
  root: string,
  { startAfter, enter }: WalkOptions = {},
): AsyncGenerator<FileInfo, void, void> {
  const pending: Entry[] = [];
  pushChildren(pending, await driver.list(root), positionBelow(root, startAfter));
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    const info = await unlessVanished(driver.stat(entry.path));
    if (info === undefined) continue;
    if (entry.after === undefined) yield info;
    if (!info.isDirectory || enter?.(info) === false) continue;
    const children = await unlessVanished(driver.list(entry.path));
    pushChildren(pending, children ?? [], entry.after ?? []);
  }
}

/** The names that lead from a folder to the place behind which a walk starts; none: all of it. */
export type Position = readonly string[];

/** A path that is still to be visited. */
interface Entry {
  readonly path: string;
  /** Where to start below it, if it is itself not behind the start of the walk. */
  readonly after?: Position;
}

/** Puts what lies behind `after` on the stack, so that the first name is taken first. */
function pushChildren(stack: Entry[], paths: readonly string[], after: Position | undefined): void {
  if (after === undefined) return;
  const [first, ...rest] = after;
  for (const path of paths.toSorted((a, b) => compareNames(b, a))) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (first === undefined || name > first) stack.push({ path });
    else if (name === first) stack.push({ path, after: rest });
    else return;
  }
}

/** Where `startAfter` lies below `root`; `undefined`: behind everything that is there. */
export function positionBelow(root: string, startAfter: string | undefined): Position | undefined {
  if (startAfter === undefined) return [];
  const after = namesOf(startAfter);
  for (const [depth, name] of namesOf(root).entries()) {
    const order = compareNames(after[depth] ?? "", name);
    if (order !== 0) return order < 0 ? [] : undefined;
  }
  return after.slice(namesOf(root).length);
}

function namesOf(path: string): string[] {
  return path === "/" ? [] : path.slice(1).split("/");
}

/** What `looked` gives; `undefined` where the path went away since it was listed. */
async function unlessVanished<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    if (isPathNotFound(error)) return undefined;
    throw error;
  }
}
