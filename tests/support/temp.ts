import { join } from "@std/path";

/** A folder that is removed, with all that is in it, when the test leaves the block. */
export class TempFolder implements AsyncDisposable {
  /** Absolute path without symbolic links. */
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Makes an empty folder. */
  static async make(prefix = "stowage-test-"): Promise<TempFolder> {
    return new TempFolder(await Deno.realPath(await Deno.makeTempDir({ prefix })));
  }

  /** The path of something inside the folder. */
  join(...parts: readonly string[]): string {
    return join(this.path, ...parts);
  }

  /** Makes a folder inside and gives its path. */
  async folder(...parts: readonly string[]): Promise<string> {
    const path = this.join(...parts);
    await Deno.mkdir(path, { recursive: true });
    return path;
  }

  /** Writes a file inside, making its folder where it is missing, and gives its path. */
  async write(path: string, content: string | Uint8Array): Promise<string> {
    const full = this.join(path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeFile(full, typeof content === "string" ? encode(content) : content);
    return full;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
