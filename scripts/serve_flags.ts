/**
 * The flags that the program is run with, read from the one place that has them: the `serve` task.
 *
 * @module
 */

/** The part of `deno.json` that is read here. */
export interface ProjectFile {
  readonly version: string;
  readonly tasks: Readonly<Record<string, { readonly command: string }>>;
}

/**
 * The flags between `deno run` and the program in the `serve` task, permissions among them.
 *
 * @throws {Error} where the task does not run `src/main.ts serve`
 */
export function serveFlags(project: ProjectFile): string[] {
  const words = project.tasks["serve"]?.command.split(" ") ?? [];
  const entry = words.indexOf("src/main.ts");
  if (words[0] !== "deno" || words[1] !== "run" || words[entry + 1] !== "serve") {
    throw new Error(
      'Cannot read the serve task: it must be "deno run FLAGS src/main.ts serve", ' +
        `got "${words.join(" ")}"`,
    );
  }
  return words.slice(2, entry);
}

/** Reads `deno.json` of the folder `root`. */
export async function readProjectFile(root: string): Promise<ProjectFile> {
  return JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
}
