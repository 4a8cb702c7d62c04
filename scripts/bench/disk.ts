import { join } from "@std/path";
import { run } from "../../tests/support/process.ts";

/** What is written at once to warm memory, in bytes. */
const WARMING_BYTES = 1024 * 1024;

/**
 * Waits until the disk has everything that was written to it, so that the leftovers of one
 * measurement do not slow down the next. Where there is no `sync` program it does nothing.
 */
export async function settleDisk(folder: string): Promise<void> {
  try {
    const options = { stdin: "null", stdout: "null", stderr: "null" } as const;
    await new Deno.Command("sync", { args: ["-f", folder], ...options }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Makes the system use as much memory for files as will be written, and let go of it.
 *
 * A virtual machine gives memory that it has not used of late back to its host. To have it again
 * costs ten times as much as to write to it, and whoever writes next pays for that, whichever server
 * it is: 300 ms of processor time for 100 MB where this was found.
 *
 * @param bytes how much will be written
 */
export async function warmMemory(folder: string, bytes: number): Promise<void> {
  const path: string = join(folder, "warming");
  const piece = new Uint8Array(WARMING_BYTES);
  try {
    using file = await Deno.open(path, { write: true, create: true });
    for (let written = 0; written < bytes; written += WARMING_BYTES) file.writeSync(piece);
  } finally {
    await Deno.remove(path);
  }
}

/** How many bytes can still be written to the disk of a folder. */
export async function freeDiskBytes(folder: string): Promise<number> {
  const [, line = ""] = (await run(["df", "-P", "-k", folder])).split("\n");
  const kilobytes = Number(line.split(/\s+/)[3]);
  if (Number.isNaN(kilobytes)) throw new Error(`Cannot tell how much room is in "${folder}"`);
  return kilobytes * 1024;
}
