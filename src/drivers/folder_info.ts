import type { FileInfo } from "./driver.ts";

/** What there is to tell of a folder of an object store, which has no times and no length. */
export function folderInfo(path: string): FileInfo {
  return { path, sizeBytes: 0, modifiedAtMs: 0, isDirectory: true };
}
