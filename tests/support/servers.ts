/**
 * Registries in processes of their own: Stowage, and the programs it replaces.
 *
 * @module
 */
import { join } from "@std/path";
import { readProjectFile, serveFlags } from "../../scripts/serve_flags.ts";
import { freePort, ServerProcess } from "./process.ts";
import { noteSecrets, secretsOf } from "./secrets.ts";
import { executablePath, programPath } from "./tools.ts";

/** The registries that can be started. */
export type RegistryKind = typeof KINDS[number];

const KINDS = ["stowage", "distribution2", "distribution3"] as const;

/** How to start a registry. */
export interface RegistryOptions {
  /** Where the configuration is written and, unless `config` says otherwise, the data are kept. */
  readonly folder: string;
  /** Sections of the configuration, each in place of the default one. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Port on 127.0.0.1. @default a free one */
  readonly port?: number;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether Stowage is the executable in any case. @default false */
  readonly executable?: boolean;
  /** Whether `config` makes it speak TLS. @default false */
  readonly tls?: boolean;
}

/** A registry that runs until the block that holds it is left. */
export interface Registry extends AsyncDisposable {
  readonly kind: RegistryKind;
  readonly process: ServerProcess;
  /** Host and port, as it stands in the name of an image. */
  readonly host: string;
  /** Where it answers, without a slash at the end. */
  readonly url: string;
  readonly port: number;
}

const PROJECT_ROOT = join(import.meta.dirname ?? ".", "../..");

/** How often to look for another port where the free one was taken in the meantime. */
const PORT_TRIES = 3;

/** Starts Stowage: the executable that `STOWAGE_TEST_BINARY` names or, without it, the sources. */
export function startStowage(options: RegistryOptions): Promise<Registry> {
  return startRegistry("stowage", options);
}

/**
 * Starts the registry that the tests of clients try: Stowage, unless `STOWAGE_TEST_REGISTRY` names
 * another {@linkcode RegistryKind}, which tells whether a failure is the test's or the registry's.
 */
export function startTestedRegistry(options: RegistryOptions): Promise<Registry> {
  const kind = Deno.env.get("STOWAGE_TEST_REGISTRY") ?? "stowage";
  if (!isRegistryKind(kind)) {
    throw new Error(`Set STOWAGE_TEST_REGISTRY to one of ${KINDS.join(", ")}, got "${kind}"`);
  }
  return startRegistry(kind, options);
}

/** Starts Debian's `docker-registry`, which is Distribution 2.8. */
export function startDistribution2(options: RegistryOptions): Promise<Registry> {
  return startRegistry("distribution2", options);
}

/** Starts Distribution 3. */
export function startDistribution3(options: RegistryOptions): Promise<Registry> {
  return startRegistry("distribution3", options);
}

/** Starts the registry of a kind and waits until it answers. */
export async function startRegistry(
  kind: RegistryKind,
  options: RegistryOptions,
): Promise<Registry> {
  for (let tries = 1;; tries++) {
    const port = options.port ?? freePort();
    try {
      return await startOnce(kind, { ...options, port });
    } catch (error) {
      const taken = /address already in use|AddrInUse/i.test(String(error));
      if (!taken || options.port !== undefined || tries === PORT_TRIES) throw error;
    }
  }
}

/** The storage section for a folder on disk, with deletes allowed. */
export function filesystemStorage(rootdirectory: string): Readonly<Record<string, unknown>> {
  return { filesystem: { rootdirectory }, delete: { enabled: true } };
}

async function startOnce(
  kind: RegistryKind,
  { folder, config, port, env, executable = false, tls = false }: RegistryOptions & {
    readonly port: number;
  },
): Promise<Registry> {
  const host = `127.0.0.1:${port}`;
  const sections: Readonly<Record<string, unknown>> = {
    version: "0.1",
    log: { level: "info", accesslog: { disabled: true } },
    storage: filesystemStorage(join(folder, "data")),
    ...config,
  };
  const http = { addr: host, ...asRecord(sections["http"]) };
  const path = join(folder, `${kind}-${port}.yml`);
  noteSecrets(...secretsOf(sections), ...secretsOf({ http }));
  // JSON is YAML too, and every one of these programs reads it.
  await Deno.writeTextFile(path, JSON.stringify({ ...sections, http }, undefined, 2));
  const { command, args } = await commandOf(kind, executable);
  const process = await ServerProcess.start({
    command,
    args: [...args, path],
    // Distribution 3 would send traces to a collector that nobody runs.
    env: { OTEL_TRACES_EXPORTER: "none", ...env },
    readyUrl: tls ? port : `http://${host}/v2/`,
    ...kind === "stowage" ? { logName: `stowage-${port}-${crypto.randomUUID()}` } : {},
  });
  return {
    kind,
    process,
    host,
    port,
    url: `${tls ? "https" : "http"}://${host}`,
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
}

/** The command line of the program that the tests try, without a command. */
export async function stowageProgram(): Promise<readonly [command: string, ...args: string[]]> {
  const { command, args } = await commandOf("stowage", false);
  return [command, ...args.slice(0, -1)];
}

/** The command line that serves, without the configuration at its end. */
async function commandOf(
  kind: RegistryKind,
  executable: boolean,
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  switch (kind) {
    case "distribution2":
      return { command: programPath("docker-registry"), args: ["serve"] };
    case "distribution3":
      return { command: programPath("registry"), args: ["serve"] };
    case "stowage": {
      const binary = executable ? executablePath() : Deno.env.get("STOWAGE_TEST_BINARY");
      if (binary !== undefined && binary !== "") return { command: binary, args: ["serve"] };
      const flags = serveFlags(await readProjectFile(PROJECT_ROOT));
      const entry = join(PROJECT_ROOT, "src/main.ts");
      return { command: Deno.execPath(), args: ["run", ...flags, entry, "serve"] };
    }
  }
}

function isRegistryKind(kind: string): kind is RegistryKind {
  return (KINDS as readonly string[]).includes(kind);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
