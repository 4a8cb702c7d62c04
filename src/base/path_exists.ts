/**
 * Tells whether there is a file or folder at `path`.
 *
 * @throws what the system says of a place that cannot be looked at
 */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
