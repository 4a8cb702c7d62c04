/**
 * What is in storage, for whoever looks at all of it: collectors, checks, the removal of a
 * repository.
 *
 * Folders are listed, not walked: names say all that is asked of most files, and only those that
 * turn out to matter are looked at.
 *
 * @module
 */

import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { type Digest, isDigest } from "../oci/digest.ts";
import { BLOBS, REPOSITORIES } from "./paths.ts";

/** Parts that make a folder a repository. */
const PARTS: readonly string[] = ["_manifests", "_layers"];

/** The names of all repositories, those included that hold blobs only, in the order of a walk. */
export async function* listRepositories(driver: StorageDriver): AsyncGenerator<string> {
  let last = "";
  const walk = driver.walk(REPOSITORIES, { enter: ({ path }) => !nameOf(path).startsWith("_") });
  try {
    for await (const { path, isDirectory } of walk) {
      if (!isDirectory || !PARTS.includes(nameOf(path))) continue;
      const repository = path.slice(REPOSITORIES.length + 1, path.lastIndexOf("/"));
      if (repository !== last && repository !== "") yield repository;
      last = repository;
    }
  } catch (error) {
    if (!isPathNotFound(error)) throw error;
  }
}

/** The digests that `<folder>/<algorithm>/<hex>` name; whether anything is below is not said. */
export async function* listDigests(driver: StorageDriver, folder: string): AsyncGenerator<Digest> {
  for (const algorithm of await listNames(driver, folder)) {
    for (const hex of await listNames(driver, `${folder}/${algorithm}`)) {
      const digest = `${algorithm}:${hex}`;
      if (isDigest(digest)) yield digest;
    }
  }
}

/** The digests that have a folder among the blobs, aliases included. */
export async function* listBlobs(driver: StorageDriver): AsyncGenerator<Digest> {
  for (const algorithm of await listNames(driver, BLOBS)) {
    for (const start of await listNames(driver, `${BLOBS}/${algorithm}`)) {
      for (const hex of await listNames(driver, `${BLOBS}/${algorithm}/${start}`)) {
        const digest = `${algorithm}:${hex}`;
        if (isDigest(digest)) yield digest;
      }
    }
  }
}

/** The names of what is in a folder; none where there is no such folder. */
export async function listNames(driver: StorageDriver, folder: string): Promise<string[]> {
  try {
    return (await driver.list(folder)).map(nameOf);
  } catch (error) {
    if (isPathNotFound(error)) return [];
    throw error;
  }
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
