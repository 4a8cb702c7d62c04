import { createHash } from "node:crypto";
import { join } from "@std/path";
import { pathExists } from "../../src/base/path_exists.ts";

/** Where the blobs are below the root of a filesystem driver. */
const BLOBS = "docker/registry/v2/blobs/sha256";

/**
 * Reads every blob below the root folder of a filesystem driver and names those whose bytes do not
 * have the digest they are stored under.
 */
export async function brokenBlobs(root: string): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const { path, hex } of await blobFiles(root)) {
    const hash = createHash("sha256");
    using file = await Deno.open(path);
    for await (const piece of file.readable) hash.update(piece);
    if (hash.digest("hex") !== hex) broken.push(`sha256:${hex}`);
  }
  return broken;
}

/** The digests of all blobs below the root folder of a filesystem driver. */
export async function storedDigests(root: string): Promise<readonly string[]> {
  return (await blobFiles(root)).map(({ hex }) => `sha256:${hex}`);
}

async function blobFiles(
  root: string,
): Promise<readonly { readonly path: string; readonly hex: string }[]> {
  const files: { readonly path: string; readonly hex: string }[] = [];
  for (const prefix of await namesIn(join(root, BLOBS))) {
    for (const name of await namesIn(join(root, BLOBS, prefix))) {
      const path: string = join(root, BLOBS, prefix, name, "data");
      if (await pathExists(path)) files.push({ path, hex: name });
    }
  }
  return files;
}

/** The names in a folder; none where a collector has just removed it. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
