/**
 * Makes the executable: `deno task compile` bundles the program into `dist/bundle/` and compiles that
 * into `dist/stowage`, one file with the runtime and every driver inside.
 *
 * It is bundled first because the libraries of the cloud drivers are then a few megabytes instead of
 * some fifty, and still load only when they are used.
 *
 * Two variables choose what compiles: `DENO_COMPILER`, the path of another Deno than the one that
 * runs this, and `DENORT_BIN`, which Deno reads by itself, the path of the runtime to embed.
 *
 * @module
 */
import { join } from "@std/path";
import { format } from "@std/fmt/bytes";
import { readProjectFile, serveFlags } from "./serve_flags.ts";

const BUNDLE_FOLDER = "dist/bundle";
/** An empty folder, from which `Containerfile` makes the one for the data. */
const VOLUME_FOLDER = "dist/volume";
const EXECUTABLE = Deno.build.os === "windows" ? "dist/stowage.exe" : "dist/stowage";

/** Runs Deno in `root`, shows what it says only where it fails, and ends this program then. */
async function runDeno(
  deno: string,
  { root, args }: { readonly root: string; readonly args: readonly string[] },
): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(deno, {
    args: [...args],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (code === 0) return;
  for (const output of [stdout, stderr]) console.error(new TextDecoder().decode(output).trimEnd());
  console.error(`compile: "${deno} ${args[0]}" exited with ${code}`);
  Deno.exit(1);
}

/** The number of bytes of all files in a folder. */
async function sizeOfFolder(folder: string): Promise<number> {
  let sizeBytes = 0;
  for await (const { name } of Deno.readDir(folder)) {
    sizeBytes += (await Deno.stat(join(folder, name))).size;
  }
  return sizeBytes;
}

if (import.meta.main) {
  const root: string = join(import.meta.dirname ?? ".", "..");
  const project = await readProjectFile(root);
  const bundle: string = join(root, BUNDLE_FOLDER);
  await Deno.remove(bundle, { recursive: true }).catch((error: unknown) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await runDeno(Deno.execPath(), {
    root,
    args: [
      ...["bundle", "--quiet", "--minify", "--code-splitting", "--platform", "deno"],
      ...["--outdir", BUNDLE_FOLDER, "src/main.ts"],
    ],
  });
  console.log(`compile: ${BUNDLE_FOLDER} has ${format(await sizeOfFolder(bundle))}`);
  await runDeno(Deno.env.get("DENO_COMPILER") ?? Deno.execPath(), {
    root,
    args: [
      // The bundle needs neither an import map nor packages.
      ...["compile", "--quiet", "--no-config", "--no-lock", "--no-check"],
      ...serveFlags(project),
      ...["--include", BUNDLE_FOLDER, "--output", EXECUTABLE, `${BUNDLE_FOLDER}/main.js`],
    ],
  });
  await Deno.mkdir(join(root, VOLUME_FOLDER), { recursive: true });
  const { size } = await Deno.stat(join(root, EXECUTABLE));
  console.log(`compile: ${EXECUTABLE} ${project.version} has ${format(size)}`);
}
