/**
 * Checks that every import in `src/` is one that the map of the folders allows.
 *
 * Run by `deno task ok`: `deno run -A scripts/check_layers.ts [ROOT]`. Prints each forbidden import
 * and exits with 1, or prints one line of summary.
 *
 * @module
 */
import { join, relative, toFileUrl } from "@std/path";
import { type Layer, LAYERS, TABLE_FILE, TABLE_READERS } from "./layers.ts";

/** One import of a local file by another; paths are relative to the project, with slashes. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  /** Whether only types are imported, so that nothing is left of it when the program runs. */
  readonly typeOnly: boolean;
}

/** What there is to know about the imports of a project. */
export interface ImportGraph {
  /** Local files, sorted. */
  readonly files: readonly string[];
  readonly edges: readonly Edge[];
  /** A sentence about each import that leads nowhere. */
  readonly unresolved: readonly string[];
}

/** The part of `deno info --json` that is read here. */
interface DenoInfo {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string; readonly error?: string };
      readonly type?: { readonly specifier?: string; readonly error?: string };
    }[];
  }[];
}

/** The layer a file belongs to: its folder in `src/`, `main`, `mod`, or `undefined` elsewhere. */
export function layerOf(file: string): string | undefined {
  if (file === "mod.ts") return "mod";
  if (file === "src/main.ts") return "main";
  return /^src\/([^/]+)\//.exec(file)?.[1];
}

/** Says what is wrong with each import that `layers` does not allow, sorted by file. */
export function forbiddenImports(
  graph: ImportGraph,
  layers: Readonly<Record<string, Layer>>,
): string[] {
  const pluggable = new Set(
    graph.files.filter((file) => file.endsWith(`/${TABLE_FILE}`)).map(layerOf),
  );
  const problems: string[] = [];
  for (const edge of graph.edges) {
    const problem = layerProblem(edge, layers) ?? siblingProblem(edge, pluggable);
    if (problem !== undefined) problems.push(`${edge.from} -> ${edge.to}: ${problem}`);
  }
  for (const file of graph.files) {
    const layer = layerOf(file);
    if (layer !== undefined && !Object.hasOwn(layers, layer)) {
      problems.push(`${file}: folder "${layer}" is not in the map`);
    }
  }
  return problems.sort();
}

/** Says why an import between folders is not allowed; `undefined` where it is. */
function layerProblem(
  edge: Edge,
  layers: Readonly<Record<string, Layer>>,
): string | undefined {
  const from = layerOf(edge.from);
  const to = layerOf(edge.to);
  if (from === undefined || from === to) return undefined;
  if (to === undefined) {
    return edge.to === "deno.json" ? undefined : "the program may not import what is not in src/";
  }
  const source = layers[from];
  const target = layers[to];
  if (source === undefined || target === undefined) return undefined;
  if (edge.to.endsWith(`/${TABLE_FILE}`) && !TABLE_READERS.includes(from)) {
    return `only ${TABLE_READERS.join(" and ")} may import a table`;
  }
  const grant = source.imports[to] ??
    (source.level > target.level ? source.imports["*"] : undefined);
  if (grant === undefined) return `${from} may not import ${to}`;
  if (grant === "types" && !edge.typeOnly) return `${from} may import only types of ${to}`;
  if (grant === "contract" && !target.contract?.includes(edge.to.slice("src/".length))) {
    const contract = target.contract?.join(", ") ?? "none is named";
    return `${from} may import only the contract of ${to} (${contract})`;
  }
  return undefined;
}

/** Says whether one implementation of a pluggable folder imports another. */
function siblingProblem(
  edge: Edge,
  pluggable: ReadonlySet<string | undefined>,
): string | undefined {
  const from = /^src\/([^/]+)\/([^/]+)\//.exec(edge.from);
  const to = /^src\/([^/]+)\/([^/]+)\//.exec(edge.to);
  if (from === null || to === null || from[1] !== to[1] || from[2] === to[2]) return undefined;
  if (!pluggable.has(from[1])) return undefined;
  return `implementations of ${from[1]} may not import each other`;
}

/** Finds each ring of folders that import one another, written `a -> b -> a`, sorted. */
export function folderCycles(graph: ImportGraph): string[] {
  const targets = new Map<string, Set<string>>();
  for (const { from, to } of graph.edges) {
    const source = layerOf(from);
    const target = layerOf(to);
    if (source === undefined || target === undefined || source === target) continue;
    const known = targets.get(source) ?? new Set();
    targets.set(source, known.add(target));
  }
  const cycles = new Set<string>();
  const visit = (layer: string, path: readonly string[]): void => {
    const start = path.indexOf(layer);
    if (start >= 0) {
      cycles.add(writeCycle(path.slice(start)));
      return;
    }
    for (const next of targets.get(layer) ?? []) visit(next, [...path, layer]);
  };
  for (const layer of targets.keys()) visit(layer, []);
  return [...cycles].sort();
}

/** Writes a ring of folders from its smallest name, so that each ring has one form. */
function writeCycle(ring: readonly string[]): string {
  const smallest = ring.indexOf([...ring].sort()[0] ?? "");
  const turned = [...ring.slice(smallest), ...ring.slice(0, smallest)];
  return [...turned, turned[0]].join(" -> ");
}

/**
 * Reads the imports of `mod.ts` and of all files of `src/` below `root`.
 *
 * @param root absolute path of the project
 * @throws {Error} where `deno info` fails
 */
export async function readImportGraph(root: string): Promise<ImportGraph> {
  const files = (await Array.fromAsync(sourceFiles(root))).sort();
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    const lines = files.map((file) => `import "${toFileUrl(join(root, file))}";`);
    await Deno.writeTextFile(entry, lines.join("\n"));
    const info = await denoInfo(entry, root);
    return { files, ...localImports(info, root, toFileUrl(entry).href) };
  } finally {
    await Deno.remove(entry);
  }
}

/** Every TypeScript file of the program, relative to `root`. */
async function* sourceFiles(root: string, folder = "src"): AsyncGenerator<string> {
  if (folder === "src" && await isFile(join(root, "mod.ts"))) yield "mod.ts";
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* sourceFiles(root, path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs `deno info --json` on one file, with the import map of `root`. */
async function denoInfo(entry: string, root: string): Promise<DenoInfo> {
  const config = join(root, "deno.json");
  const options = await isFile(config) ? ["--config", config] : ["--no-config"];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-lock", ...options, entry],
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(`Cannot read the imports: ${new TextDecoder().decode(stderr).trim()}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The imports of local files by local files, the made-up entry left out. */
function localImports(info: DenoInfo, root: string, entry: string): Omit<ImportGraph, "files"> {
  const edges: Edge[] = [];
  const unresolved: string[] = [];
  for (const module of info.modules) {
    if (!module.specifier.startsWith("file:") || module.specifier === entry) continue;
    const from = localPath(module.specifier, root);
    if (module.error !== undefined) unresolved.push(`${from}: ${module.error}`);
    for (const { code, type } of module.dependencies ?? []) {
      const error = code?.error ?? type?.error;
      if (error !== undefined) unresolved.push(`${from}: ${error}`);
      const target = code?.specifier ?? type?.specifier;
      if (!target?.startsWith("file:")) continue;
      edges.push({ from, to: localPath(target, root), typeOnly: code === undefined });
    }
  }
  return { edges, unresolved };
}

/** The path of a file URL relative to `root`, with slashes. */
function localPath(url: string, root: string): string {
  return relative(root, decodeURIComponent(new URL(url).pathname)).replaceAll("\\", "/");
}

/** The number of imports that cross from one folder to another. */
function crossingCount(graph: ImportGraph): number {
  return graph.edges.filter(({ from, to }) => layerOf(from) !== layerOf(to)).length;
}

if (import.meta.main) {
  const root = await Deno.realPath(Deno.args[0] ?? ".");
  const graph = await readImportGraph(root);
  const problems = [
    ...graph.unresolved,
    ...forbiddenImports(graph, LAYERS),
    ...folderCycles(graph).map((cycle) => `folders import each other: ${cycle}`),
  ];
  for (const problem of problems) console.error(`layers: ${problem}`);
  if (problems.length > 0) Deno.exit(1);
  const folders = new Set(graph.files.map(layerOf));
  console.log(
    `layers: ${graph.files.length} files in ${folders.size} folders, ` +
      `${crossingCount(graph)} imports between folders, all allowed`,
  );
}
