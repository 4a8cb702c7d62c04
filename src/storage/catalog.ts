import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import { manifestsPath, REPOSITORIES } from "./paths.ts";
import type { Catalog, CatalogRequest, Page } from "./store.ts";

const MANIFESTS_SUFFIX = "/_manifests";

/**
 * The catalog as a walk over the repositories: a folder with `_manifests` in it is one.
 *
 * Names come in the order of the walk, as Distribution's do: by path component, and below one name
 * its sub-repositories that start with a digit before itself.
 */
export class DriverCatalog implements Catalog {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async list(request: CatalogRequest): Promise<Page> {
    const { limit = Infinity, last, isVisible } = request;
    const entries: string[] = [];
    if (limit === 0) return { entries, more: false };
    for await (const repository of this.#names(last)) {
      if (isVisible?.(repository) === false) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(repository);
    }
    return { entries, more: false };
  }

  async *#names(last: string | undefined): AsyncGenerator<string> {
    const walk = this.#driver.walk(REPOSITORIES, {
      enter: (folder) => !isInternal(folder.path),
      ...(last === undefined ? {} : { startAfter: manifestsPath(last) }),
    });
    try {
      for await (const { path } of walk) {
        if (path.endsWith(MANIFESTS_SUFFIX)) {
          yield path.slice(REPOSITORIES.length + 1, -MANIFESTS_SUFFIX.length);
        }
      }
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
    }
  }
}

/** Folders of a repository's own parts start with an underscore; no name does. */
function isInternal(path: string): boolean {
  return path.startsWith("_", path.lastIndexOf("/") + 1);
}
