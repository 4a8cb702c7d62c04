/**
 * Folders that are made when they turn out to be missing, and what it takes to keep their entries.
 *
 * A new file survives the loss of the machine only when the folder that names it was brought to the
 * disk too, and so does a new folder.
 *
 * @module
 */

import { dirname } from "@std/path";
import { systemCode } from "./failures.ts";

/** How often a folder is made again when something else keeps removing it. */
const ATTEMPTS = 5;

/** What {@linkcode inFolder} gives. */
export interface Entered<T> {
  readonly value: T;
  /** The folders that got a new entry, for {@linkcode syncFolders}. */
  readonly changed: readonly string[];
}

/**
 * Runs `task`, which makes an entry in `folder`. Only when it fails because the folder is missing is
 * the folder made and the task run again: mostly it is there.
 */
export async function inFolder<T>(folder: string, task: () => Promise<T>): Promise<Entered<T>> {
  const changed = [folder];
  for (let attempt = 1;; attempt++) {
    try {
      return { value: await task(), changed };
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
    }
    changed.push(...await makeFolder(folder));
  }
}

/** Brings the entries of folders to the disk. One that is gone has none to lose. */
export async function syncFolders(folders: readonly string[]): Promise<void> {
  // Windows cannot open a folder, and keeps its entries by itself.
  if (Deno.build.os === "windows") return;
  await Promise.all(folders.map(syncFolder));
}

/** Removes a file; one that is not there is as good as removed. */
export async function removeIfPresent(location: string): Promise<void> {
  try {
    await Deno.remove(location);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Makes a folder and its missing parents; gives the folders that got an entry by that. */
async function makeFolder(folder: string): Promise<string[]> {
  const parent: string = dirname(folder);
  const outcome = await tryMakeFolder(folder);
  if (outcome === "present") return [];
  if (outcome === "made") return [parent];
  const changed = await makeFolder(parent);
  await tryMakeFolder(folder);
  return [...changed, parent];
}

async function tryMakeFolder(folder: string): Promise<"made" | "present" | "no_parent"> {
  try {
    await Deno.mkdir(folder);
    return "made";
  } catch (error) {
    const code = systemCode(error);
    if (code === "EEXIST") return "present";
    if (code === "ENOENT") return "no_parent";
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  try {
    using handle = await Deno.open(folder);
    await handle.sync();
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
