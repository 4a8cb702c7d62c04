import { dirname, join } from "@std/path";
import type { SweepOptions } from "../driver.ts";
import { systemCode } from "./failures.ts";

/** Names made by {@linkcode temporaryBeside}. */
const TEMPORARY_REGEXP = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/**
 * A name beside `location` for what is to become its content.
 *
 * What a crash leaves under it harms nobody: it is no name of a blob or link, and as repositories,
 * tags and digests never start with a dot, it is none of theirs either. We hide it; Distribution
 * passes over it, for it knows files by their names, and its path rule allows this one.
 */
export function temporaryBeside(location: string): string {
  return join(dirname(location), `.${crypto.randomUUID()}.tmp`);
}

/** Whether a file has a name that {@linkcode temporaryBeside} makes. */
export function isTemporary(name: string): boolean {
  return name.startsWith(".") && TEMPORARY_REGEXP.test(name);
}

/**
 * Removes temporary files below a folder that were last written before a time: whoever was to give
 * them their name has died. Where others use this thread, which then has a pace to keep, folders are
 * listed by another one, so that nobody waits for a large one; that takes three times as long.
 *
 * @returns how many there were
 */
export async function sweepTemporaries(
  root: string,
  { startedBeforeMs, signal, pace }: SweepOptions,
): Promise<number> {
  let count = 0;
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    if (signal?.aborted === true) break;
    await pace?.();
    const entries = pace === undefined ? entriesNowOf(folder) : await entriesOf(folder);
    for (const { name, isDirectory } of entries) {
      const location = `${folder}/${name}`;
      if (isDirectory) pending.push(location);
      else if (isTemporary(name) && await removeOld(location, startedBeforeMs)) count++;
    }
  }
  return count;
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    return noEntries(error);
  }
}

function entriesNowOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    return noEntries(error);
  }
}

/** A folder that has gone meanwhile has none. */
function noEntries(error: unknown): Deno.DirEntry[] {
  if (systemCode(error) !== "ENOENT") throw error;
  return [];
}

async function removeOld(location: string, writtenBeforeMs: number): Promise<boolean> {
  try {
    const { mtime } = await Deno.lstat(location);
    if (mtime === null || mtime.getTime() >= writtenBeforeMs) return false;
    await Deno.remove(location);
    return true;
  } catch (error) {
    // It has just got its name after all.
    if (systemCode(error) !== "ENOENT") throw error;
    return false;
  }
}
