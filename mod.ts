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

export type { LogCallback, Logger, LogLevel, LogRecord } from "@logtape/logtape";
export type { Client } from "./src/api/request_context.ts";
export type { HealthFailures } from "./src/app/background.ts";
export { createRegistry, type Registry, type RegistryOptions } from "./src/app/registry.ts";
export type * from "./src/config/config.ts";
export type { Environment } from "./src/config/environment.ts";
export {
  ConfigError,
  type ConfigErrorCode,
  type ConfigProblem,
  type Source,
} from "./src/config/error.ts";
export { loadConfig, type LoadedConfig, type LoadOptions } from "./src/config/load.ts";
