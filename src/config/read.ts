import { developmentConfig } from "./defaults.ts";
import { type Environment, PATH_VARIABLE } from "./environment.ts";
import { ConfigError, type Source } from "./error.ts";
import { loadConfig, type LoadedConfig } from "./load.ts";

/** What {@linkcode readConfig} reads. */
export interface ReadOptions {
  /** The file. @default the one that `REGISTRY_CONFIGURATION_PATH` names */
  readonly path?: string;
  /** Environment variables; those that begin with `REGISTRY_` count. */
  readonly env: Environment;
  /**
   * Whether there must be a file. Without one, the registry is otherwise set up for development.
   * @default false
   */
  readonly required?: boolean;
}

/**
 * Reads the configuration file, with the environment over it.
 *
 * @throws {ConfigError} unspecified: nobody named a file, and there must be one
 * @throws {ConfigError} unreadable: the file is missing, or may not be read
 * @throws {ConfigError} invalid: with every problem there is
 */
export async function readConfig({ path, env, required }: ReadOptions): Promise<LoadedConfig> {
  const fileName = path ?? (env[PATH_VARIABLE] || undefined);
  if (fileName === undefined) {
    if (required !== true) return developmentConfig(env);
    throw new ConfigError("unspecified", {
      problems: [{
        path: "",
        found: "no configuration file",
        expected: `a file as argument, or in ${PATH_VARIABLE}`,
        message: `Name a file as argument or by ${PATH_VARIABLE}: configuration path unspecified`,
      }],
    });
  }
  return loadConfig({ text: await readText(fileName, path === undefined), fileName, env });
}

async function readText(fileName: string, isFromEnvironment: boolean): Promise<string> {
  try {
    return await Deno.readTextFile(fileName);
  } catch (cause) {
    const source: Source = isFromEnvironment
      ? { kind: "environment", name: PATH_VARIABLE }
      : { kind: "file", fileName };
    const found = describeFailure(cause);
    throw new ConfigError("unreadable", {
      problems: [{
        path: "",
        found,
        expected: "a file that can be read",
        message: `Name a configuration file that can be read: "${fileName}" is ${found}`,
        source,
      }],
      cause,
    });
  }
}

function describeFailure(cause: unknown): string {
  if (cause instanceof Deno.errors.NotFound) return "missing";
  if (cause instanceof Deno.errors.PermissionDenied) return "not permitted";
  if (cause instanceof Deno.errors.IsADirectory) return "a folder";
  return cause instanceof Error ? cause.message : String(cause);
}
