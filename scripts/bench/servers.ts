/**
 * The registries that are measured, in processes of their own and with one configuration.
 *
 * @module
 */
import { join } from "@std/path";
import { freePort, run, ServerProcess } from "../../tests/support/process.ts";
import type { RegistryKind } from "../../tests/support/servers.ts";
import { type Program, programPath } from "../../tests/support/tools.ts";
import { readProjectFile, serveFlags } from "../serve_flags.ts";
import type { Address } from "./http_connection.ts";

/** A registry that is installed. */
export interface Contestant {
  readonly kind: RegistryKind;
  /** As tables name it. */
  readonly title: string;
  readonly version: string;
  readonly command: string;
  /** Arguments before the path of the configuration. */
  readonly args: readonly string[];
}

/** Something that is not measured. */
export interface LeftOut {
  readonly what: string;
  readonly reason: string;
}

/** How tables name the registries. */
export const TITLES: Readonly<Record<RegistryKind, string>> = {
  stowage: "Stowage",
  distribution3: "Distribution 3.1.2",
  distribution2: "Distribution 2.8.2",
};

/** A registry that runs until the block that holds it is left. */
export interface BenchServer extends AsyncDisposable {
  readonly contestant: Contestant;
  /** Process id. */
  readonly pid: number;
  readonly address: Address;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  /** The folder of its storage. */
  readonly root: string;
  /** A folder for its configuration and what else must be near its storage. */
  readonly folder: string;
}

/** Where a registry keeps what. */
export interface ServerOptions {
  /** For the configuration; must exist. */
  readonly folder: string;
  /** For the storage. */
  readonly root: string;
  /** Keys of the section `http` for this server alone. */
  readonly http?: Readonly<Record<string, unknown>>;
  /** Sections for this server alone. */
  readonly sections?: Readonly<Record<string, unknown>>;
}

const PROJECT_ROOT: string = join(import.meta.dirname ?? ".", "../..");
const EXECUTABLE = "dist/stowage";

/** Larger than any list that is asked for. */
const MAX_ENTRIES = 1_000_000;

/**
 * The configuration that all registries get: a folder on disk as storage, nothing logged but errors,
 * nothing done in the background.
 */
export function benchConfig(addr: string, { root, http, sections }: Omit<ServerOptions, "folder">) {
  return {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: root },
      delete: { enabled: true },
      cache: { blobdescriptor: "inmemory" },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: { addr, secret: "benchmark", ...http },
    catalog: { maxentries: MAX_ENTRIES },
    tags: { maxtags: MAX_ENTRIES },
    ...sections,
  };
}

/**
 * Finds the registries on this machine.
 *
 * @param stowage path of another executable of Stowage than `dist/stowage`, or of an entry in
 *   TypeScript, which is run from source
 */
export async function findContestants(
  stowage?: string,
): Promise<{ readonly contestants: readonly Contestant[]; readonly leftOut: readonly LeftOut[] }> {
  const contestants: Contestant[] = [await findStowage(stowage)];
  const leftOut: LeftOut[] = [];
  const others = [["distribution3", "registry"], ["distribution2", "docker-registry"]] as const;
  for (const [kind, program] of others) {
    try {
      contestants.push(await findDistribution(kind, program));
    } catch (error) {
      leftOut.push({ what: TITLES[kind], reason: messageOf(error) });
    }
  }
  return { contestants, leftOut };
}

/**
 * Stowage from source, whichever executables there are.
 *
 * @param entry the program in TypeScript
 * @param flags flags of `deno run` beside those of the `serve` task
 */
export async function stowageFromSource(
  entry: string = join(PROJECT_ROOT, "src/main.ts"),
  flags: readonly string[] = [],
): Promise<Contestant> {
  const project = await readProjectFile(PROJECT_ROOT);
  const config: string = join(PROJECT_ROOT, "deno.json");
  return {
    kind: "stowage",
    title: TITLES.stowage,
    version: `${project.version}, from source with Deno ${Deno.version.deno}`,
    command: Deno.execPath(),
    args: ["run", "--config", config, ...serveFlags(project), ...flags, entry, "serve"],
  };
}

/** Starts a registry and waits until it answers. */
export async function startServer(
  contestant: Contestant,
  options: ServerOptions,
): Promise<BenchServer> {
  const { command, args, address } = await prepareServer(contestant, options);
  const url = `http://${address.hostname}:${address.port}`;
  const process = await ServerProcess.start({ command, args, env: ENV, readyUrl: `${url}/v2/` });
  return {
    contestant,
    pid: process.pid,
    address,
    url,
    root: options.root,
    folder: options.folder,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** Writes the configuration; gives the command line, and where the registry will listen. */
export async function prepareServer(
  { kind, command, args }: Contestant,
  options: ServerOptions,
): Promise<{ command: string; args: readonly string[]; address: Address }> {
  const address = { hostname: "127.0.0.1", port: freePort() };
  const path: string = join(options.folder, `${kind}-${address.port}.yml`);
  const config = benchConfig(`${address.hostname}:${address.port}`, options);
  // JSON is YAML too, and every one of these programs reads it.
  await Deno.writeTextFile(path, JSON.stringify(config, undefined, 2));
  return { command, args: [...args, path], address };
}

/** Distribution 3 would send traces to a collector that nobody runs. */
export const ENV: Readonly<Record<string, string>> = { OTEL_TRACES_EXPORTER: "none" };

async function findStowage(stowage: string | undefined): Promise<Contestant> {
  if (stowage?.endsWith(".ts")) return stowageFromSource(await Deno.realPath(stowage));
  const path: string = stowage ?? join(PROJECT_ROOT, EXECUTABLE);
  if (stowage === undefined && !await isFile(path)) return stowageFromSource();
  const { version } = await readProjectFile(PROJECT_ROOT);
  return {
    kind: "stowage",
    title: TITLES.stowage,
    version: `${version}, executable`,
    command: await Deno.realPath(path),
    args: ["serve"],
  };
}

async function findDistribution(kind: RegistryKind, program: Program): Promise<Contestant> {
  const command = programPath(program);
  // "registry github.com/distribution/distribution/v3 v3.1.2"
  const version = (await run([command, "--version"])).split(" ").at(-1) ?? "";
  return { kind, title: TITLES[kind], version, command, args: ["serve"] };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
