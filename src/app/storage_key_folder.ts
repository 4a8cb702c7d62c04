import type { KeyFolder } from "../auth/key_folder.ts";
import { toBytes, toText } from "../base/bytes.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";

/** Where the keys are in the storage, beside what Distribution knows. */
export const KEYS_FOLDER = "/stowage/keys";

/** Keys in the storage, for whoever may read it. */
export class StorageKeyFolder implements KeyFolder {
  readonly #driver: StorageDriver;

  constructor(driver: StorageDriver) {
    this.#driver = driver;
  }

  async list(): Promise<readonly string[]> {
    const paths = await this.#driver.list(KEYS_FOLDER).catch(orIfMissing([]));
    return paths.map((path) => path.slice(KEYS_FOLDER.length + 1));
  }

  async read(name: string): Promise<string | undefined> {
    const content = this.#driver.getContent(`${KEYS_FOLDER}/${name}`).then(toText);
    return await content.catch(orIfMissing(undefined));
  }

  async write(name: string, text: string): Promise<void> {
    await this.#driver.putContent(`${KEYS_FOLDER}/${name}`, toBytes(text));
  }

  async remove(name: string): Promise<void> {
    await this.#driver.delete(`${KEYS_FOLDER}/${name}`).catch(orIfMissing(undefined));
  }
}

function orIfMissing<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (isPathNotFound(error)) return value;
    throw error;
  };
}
