import type { KeyFolder } from "../../src/auth/key_folder.ts";

/** Keys in memory. */
export class MemoryKeyFolder implements KeyFolder {
  readonly files = new Map<string, string>();
  lists = 0;

  list(): Promise<readonly string[]> {
    this.lists++;
    return Promise.resolve([...this.files.keys()]);
  }

  read(name: string): Promise<string | undefined> {
    return Promise.resolve(this.files.get(name));
  }

  write(name: string, text: string): Promise<void> {
    this.files.set(name, text);
    return Promise.resolve();
  }

  remove(name: string): Promise<void> {
    this.files.delete(name);
    return Promise.resolve();
  }
}
