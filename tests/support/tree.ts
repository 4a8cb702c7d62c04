import { createHash } from "node:crypto";
import { join } from "@std/path";

/**
 * What is below a folder: the path of each file with its text where it is a link to a digest, or
 * else the digest of its bytes; sorted by path.
 */
export async function readTree(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries: [path: string, content: string][] = [];
  for await (const path of walk(folder, "")) {
    const bytes = await Deno.readFile(join(folder, path));
    const isLink = path.endsWith("/link");
    entries.push([path, isLink ? new TextDecoder().decode(bytes) : digestHex(bytes)]);
  }
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}

async function* walk(root: string, folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(root, path);
    else yield path;
  }
}

function digestHex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
