import { join } from "@std/path";
import type { KeyFolder } from "./key_folder.ts";

/** Keys in a folder on disk, for the eyes of this user alone. */
export class DiskKeyFolder implements KeyFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async list(): Promise<readonly string[]> {
    try {
      const names: string[] = [];
      for await (const { name, isFile } of Deno.readDir(this.#path)) if (isFile) names.push(name);
      return names;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  async read(name: string): Promise<string | undefined> {
    try {
      return await Deno.readTextFile(join(this.#path, name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async write(name: string, text: string): Promise<void> {
    await Deno.mkdir(this.#path, { recursive: true, mode: 0o700 });
    const temporary: string = join(this.#path, `.${crypto.randomUUID()}.tmp`);
    try {
      await Deno.writeTextFile(temporary, text, { createNew: true, mode: 0o600 });
      await Deno.rename(temporary, join(this.#path, name));
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
  }

  async remove(name: string): Promise<void> {
    try {
      await Deno.remove(join(this.#path, name));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
