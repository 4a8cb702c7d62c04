/**
 * What a driver tells of a path that may be absent, without an error where it is.
 *
 * @module
 */
import {
  type DeleteOptions,
  type FileInfo,
  isPathNotFound,
  type StatOptions,
  type StorageDriver,
} from "../drivers/driver.ts";

/** Reads a small file; `undefined` where there is none. */
export async function readIfPresent(
  driver: StorageDriver,
  path: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return await driver.getContent(path);
  } catch (error) {
    if (isPathNotFound(error)) return undefined;
    throw error;
  }
}

/** Removes a file or folder; one that is not there is as good as removed. */
export async function deleteIfPresent(
  driver: StorageDriver,
  path: string,
  options?: DeleteOptions,
): Promise<void> {
  try {
    await driver.delete(path, options);
  } catch (error) {
    if (!isPathNotFound(error)) throw error;
  }
}

/** Tells what is at `path`; `undefined` where there is nothing. */
export async function statIfPresent(
  driver: StorageDriver,
  path: string,
  options?: StatOptions,
): Promise<FileInfo | undefined> {
  try {
    return await driver.stat(path, options);
  } catch (error) {
    if (isPathNotFound(error)) return undefined;
    throw error;
  }
}
