/**
 * Changes of files that wait for the disk together: first for all contents at once, then for all
 * folders at once, however many there are.
 *
 * No file gets its name before its content is on the disk, so that what is found under a name after
 * a loss of the machine is always whole.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, dirname } from "@std/path";
import { writeAllSync } from "../../base/write_all.ts";
import type { Change } from "../driver.ts";
import { readFailure, systemCode, writeFailure } from "./failures.ts";
import type { FolderSyncs } from "./_folder_syncs.ts";
import { inFolder } from "./_folders.ts";
import { temporaryBeside } from "./_temporary.ts";

/** What {@linkcode makeChanges} needs. */
export interface ChangeOptions {
  /** Where a path is on the machine. */
  readonly locate: (path: string) => string;
  readonly folderSyncs: FolderSyncs;
  /** Whether the disk is waited for at all. */
  readonly durable: boolean;
}

/** A change on its way. */
interface Step {
  readonly change: Change;
  /** The file that gets the name, on the machine; for new content a temporary one. */
  readonly source: string;
  readonly location: string;
  /** Folders that got an entry. */
  readonly changed: Set<string>;
}

/** Makes changes in their order, each at once; see `StorageDriver.apply`. */
export async function makeChanges(
  changes: readonly Change[],
  { locate, folderSyncs, durable }: ChangeOptions,
): Promise<void> {
  const steps = changes.map((change): Step => {
    const location = locate(change.path);
    const source = "content" in change ? temporaryBeside(location) : locate(change.source);
    return { change, source, location, changed: new Set() };
  });
  try {
    await waitForAll(steps.map((step) => failingAs(step, () => prepare(step, durable))));
    for (const step of steps) await failingAs(step, () => publish(step, durable));
    if (!durable) return;
    await waitForAll(
      steps.map((step) => failingAs(step, () => folderSyncs.sync([...step.changed]))),
    );
  } catch (error) {
    for (const { change, source } of steps) if ("content" in change) removeLeftover(source);
    throw error;
  }
}

/**
 * Makes an empty file, which is whole as soon as it has its name, without waiting for the disk.
 *
 * @returns whether there was no file
 */
export async function makeEmpty(location: string): Promise<boolean> {
  try {
    await inFolder(
      dirname(location),
      () => Deno.openSync(location, { write: true, createNew: true }).close(),
    );
    return true;
  } catch (error) {
    if (systemCode(error) !== "EEXIST") throw error;
    return false;
  }
}

/** Has the content of a change on the disk, under whatever name. */
async function prepare({ change, source, changed }: Step, durable: boolean): Promise<void> {
  if (!("content" in change)) return await change.writer?.commit();
  const write = () => writeNew(source, change.content, durable);
  for (const folder of (await inFolder(dirname(source), write)).changed) changed.add(folder);
}

/** Gives a file its name. */
async function publish(step: Step, durable: boolean): Promise<void> {
  const { change, source, location, changed } = step;
  if (!("source" in change)) return await publishNew(step, change.content, durable);
  // No folder is made for what is not there.
  assertPresent(change.source, source);
  if (change.withFolder && await moveFolder(step, change.source)) return;
  const entered = await inFolder(dirname(location), () => renameFile(step, change.source));
  for (const folder of entered.changed) changed.add(folder);
}

/** Gives new content its name; whoever removes its folder meanwhile removes it too. */
async function publishNew(
  { source, location, changed }: Step,
  content: Uint8Array,
  durable: boolean,
): Promise<void> {
  try {
    Deno.renameSync(source, location);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    const entered = await inFolder(dirname(location), async () => {
      if (!existsSync(source)) await writeNew(source, content, durable);
      Deno.renameSync(source, location);
    });
    for (const folder of entered.changed) changed.add(folder);
  }
}

/**
 * Moves a file with the folder that it is alone in, which costs no new one and nothing is left to be
 * removed; `false` where that cannot be.
 */
async function moveFolder({ source, location, changed }: Step, path: string): Promise<boolean> {
  const [from, to] = [dirname(source), dirname(location)];
  // Windows moves no folder in which a file is open.
  if (Deno.build.os === "windows" || basename(source) !== basename(location)) return false;
  if (existsSync(to) || !isAlone(source)) return false;
  try {
    const entered = await inFolder(
      dirname(to),
      () => renameFile({ source: from, location: to }, path),
    );
    // What has left a folder is brought to the disk too: no folder may be found in two others.
    for (const folder of [...entered.changed, to, dirname(from)]) changed.add(folder);
    return true;
  } catch (error) {
    // Somebody else has just stored the same.
    if (["EEXIST", "ENOTEMPTY"].includes(systemCode(error))) return false;
    throw error;
  }
}

/** Whether a file is the only entry of its folder. */
function isAlone(location: string): boolean {
  let count = 0;
  for (const _entry of Deno.readDirSync(dirname(location))) count++;
  return count === 1;
}

/** @param path of the file that is moved, or whose folder is */
function renameFile(
  { source, location }: Pick<Step, "source" | "location">,
  path: string,
): void {
  try {
    Deno.renameSync(source, location);
  } catch (error) {
    // The system does not tell which of the two is missing; this fails if it is the source.
    assertPresent(path, source);
    throw error;
  }
}

/** @throws {DriverError} path_not_found */
function assertPresent(path: string, location: string): void {
  try {
    Deno.statSync(location);
  } catch (error) {
    throw readFailure(error, path);
  }
}

async function failingAs({ change }: Step, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    throw writeFailure(error, change.path);
  }
}

/** Waits until all have ended, also when one fails: nothing may go on behind the caller's back. */
async function waitForAll(tasks: readonly Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(tasks)) {
    if (outcome.status === "rejected") throw outcome.reason;
  }
}

/** Writes a file that does not exist yet, and brings its bytes to the disk if they are to last. */
async function writeNew(location: string, content: Uint8Array, durable: boolean): Promise<void> {
  const file = Deno.openSync(location, { write: true, createNew: true });
  try {
    writeAllSync(file, content);
    if (durable) await file.syncData();
  } finally {
    file.close();
  }
}

/** Removes what a failed write left, if it can be removed: the failure itself is what counts. */
function removeLeftover(temporary: string): void {
  try {
    Deno.removeSync(temporary);
  } catch {
    // Most often it was never made.
  }
}
