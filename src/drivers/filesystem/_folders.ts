/**
 * Folders that are made when they turn out to be missing, and what it takes to keep their entries.
 *
 * A new file survives the loss of the machine only when the folder that names it was brought to the
 * disk too, and so does a new folder.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname } from "@std/path";
import { systemCode } from "./failures.ts";

/** How often a folder is made again when something else keeps removing it. */
const ATTEMPTS = 5;

/** What {@linkcode inFolder} gives. */
export interface Entered<T> {
  readonly value: T;
  /** The folders that got a new entry, for `FolderSyncs`. */
  readonly changed: readonly string[];
}

/**
 * Runs `task`, which makes an entry in `folder`, after making the folder where it is missing. It is
 * looked for first, for an error of the runtime costs ten times as much as the look.
 */
export async function inFolder<T>(
  folder: string,
  task: () => T | Promise<T>,
): Promise<Entered<T>> {
  const changed = new Set([folder]);
  for (let attempt = 1;; attempt++) {
    try {
      for (const parent of makeFolder(folder)) changed.add(parent);
      return { value: await task(), changed: [...changed] };
    } catch (error) {
      // Something else removes what becomes empty.
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Removes a file; one that is not there is as good as removed. */
export function removeIfPresent(location: string): void {
  try {
    Deno.removeSync(location);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** Makes a folder and its missing parents; gives the folders that got an entry by that. */
function makeFolder(folder: string): string[] {
  const parents: string[] = [];
  for (let missing = folder; !existsSync(missing); missing = dirname(missing)) {
    parents.push(dirname(missing));
  }
  if (parents.length > 0) Deno.mkdirSync(folder, { recursive: true });
  return parents;
}
