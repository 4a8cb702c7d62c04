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
