/**
 * Checks the rules of {@linkcode ./layout.ts} on every file that git knows.
 *
 * Run by `deno task ok`: `deno run -A scripts/check_layout.ts [ROOT]`. Prints each problem and exits
 * with 1, or prints one line of summary.
 *
 * @module
 */
import { join } from "@std/path";
import {
  badNames,
  leaks,
  lostByBundler,
  type SourceFile,
  tooLong,
  undocumented,
  unpairedTests,
} from "./layout.ts";

/** Folders that are made, not written; the same as in `.gitignore`. */
const MADE_FOLDERS = [".git", "coverage", "data", "dist", "node_modules", "results"];

/** Larger files are not read: they are not written by hand. In bytes. */
const MAX_READ_BYTES = 2 * 1024 * 1024;

/**
 * Reads the files of a project: those that git tracks or would track, or all files where `root` is
 * no checkout.
 *
 * @param root absolute path of the project
 * @returns text files alone, sorted by path
 */
export async function readFiles(root: string): Promise<SourceFile[]> {
  const paths = await gitFiles(root) ?? await Array.fromAsync(walk(root));
  const files: SourceFile[] = [];
  for (const path of paths.sort()) {
    const text = await readText(join(root, path));
    if (text !== undefined) files.push({ path, text });
  }
  return files;
}

/** The files that git tracks or would track; `undefined` where it cannot say. */
async function gitFiles(root: string): Promise<string[] | undefined> {
  try {
    const { success, stdout } = await new Deno.Command("git", {
      args: ["-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
      stdout: "piped",
      stderr: "null",
    }).output();
    if (!success) return undefined;
    return new TextDecoder().decode(stdout).split("\0").filter((path) => path !== "");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Every file below `root` that is not in a made folder. */
async function* walk(root: string, folder = ""): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = `${folder}${entry.name}`;
    if (entry.isFile) yield path;
    else if (entry.isDirectory && !MADE_FOLDERS.includes(entry.name)) yield* walk(root, `${path}/`);
  }
}

/** The text of a file; `undefined` where it is gone, large, or no UTF-8 text. */
async function readText(path: string): Promise<string | undefined> {
  try {
    if ((await Deno.stat(path)).size > MAX_READ_BYTES) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const files = await readFiles(await Deno.realPath(Deno.args[0] ?? "."));
  const problems = [badNames, tooLong, leaks, lostByBundler, undocumented, unpairedTests]
    .flatMap((rule) => rule(files));
  for (const problem of problems) console.error(`layout: ${problem}`);
  if (problems.length > 0) Deno.exit(1);
  const tests = files.filter(({ path }) => path.endsWith("_test.ts")).length;
  console.log(`layout: ${files.length} files, ${tests} of them tests, all as they should be`);
}
