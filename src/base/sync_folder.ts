/** Brings the entries of a folder to the disk: their names, not what is in them. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = Deno.openSync(folder);
  try {
    await handle.sync();
  } finally {
    handle.close();
  }
}
