import { ServerError } from "./error.ts";

/**
 * Makes room for a unix socket: removes the one that an earlier process left at `path`.
 *
 * Source: reference of Distribution, "http", `net`.
 *
 * @throws {ServerError} not_a_socket: something else is there, which is left alone
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await statIfPresent(path);
  if (found === undefined) return;
  if (found.isSocket !== true) {
    throw new ServerError(
      "not_a_socket",
      `Cannot listen on http.addr "${path}": something that is no socket is there; ` +
        "move it away, or choose another path",
    );
  }
  await removeSocket(path);
}

/** Removes the socket of a server that has ended; it may be gone already. */
export async function removeSocket(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function statIfPresent(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
