import { run } from "../../tests/support/process.ts";

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

/** How many bytes can still be written to the disk of a folder. */
export async function freeDiskBytes(folder: string): Promise<number> {
  const [, line = ""] = (await run(["df", "-P", "-k", folder])).split("\n");
  const kilobytes = Number(line.split(/\s+/)[3]);
  if (Number.isNaN(kilobytes)) throw new Error(`Cannot tell how much room is in "${folder}"`);
  return kilobytes * 1024;
}
