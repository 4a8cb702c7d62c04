/**
 * Stowage as a library: a container registry as one function from request to response.
 *
 * ```ts
 * import { createRegistry, loadConfig } from "@stowage/stowage";
 *
 * const text = "{ version: 0.1, storage: inmemory }";
 * const { config } = loadConfig({ text, fileName: "config.yml", env: {} });
 * const registry = await createRegistry(config);
 *
 * const response = await registry.fetch(new Request("http://registry.example/v2/"));
 * console.assert(response.status === 200);
 * await response.body?.cancel();
 *
 * // To serve it: Deno.serve((request) => registry.fetch(request));
 * await registry.close();
 * ```
 *
 * @module
 */

import { createRegistry as create, type Registry } from "./src/app/registry.ts";
import type { Config } from "./src/config/config.ts";

export type { Client } from "./src/base/client.ts";
export type { Registry } from "./src/app/registry.ts";
export type * from "./src/config/config.ts";
export type { Environment } from "./src/config/environment.ts";
export { ConfigError, type ConfigErrorCode, type ConfigProblem } from "./src/config/error.ts";
export type { Source } from "./src/config/error.ts";
export { loadConfig, type LoadedConfig, type LoadOptions } from "./src/config/load.ts";

/**
 * Builds a registry from its configuration. Its log goes to LogTape's logger `stowage`, which is
 * silent until the program around it configures LogTape.
 *
 * @throws {ConfigError} invalid: the configuration asks for what this version does not have
 */
export function createRegistry(config: Config): Promise<Registry> {
  return create(config);
}
