import type { FileInfo, WalkOptions } from "./driver.ts";
import { walkTree } from "./walk_tree.ts";

/**
 * Walks a tree with a call that lists a folder and tells of all that is in it, so that nothing has
 * to be looked at once more: one request for each folder, or for each page of a long one.
 *
 * @throws {DriverError} path_not_found: no folder is at `root`
 */
export function walkListed(
  list: (path: string) => Promise<readonly FileInfo[]>,
  root: string,
  options?: WalkOptions,
): AsyncGenerator<FileInfo, void, void> {
  const listed = new Map<string, FileInfo>();
  return walkTree({ list: listPaths, stat: takeInfo }, root, options);

  async function listPaths(path: string): Promise<string[]> {
    const infos = await list(path);
    for (const info of infos) listed.set(info.path, info);
    return infos.map((info) => info.path);
  }

  function takeInfo(path: string): Promise<FileInfo> {
    const info = listed.get(path);
    listed.delete(path);
    return info === undefined
      ? Promise.reject(new Error(`"${path}" was not listed`))
      : Promise.resolve(info);
  }
}
