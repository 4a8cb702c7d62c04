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

export { createRegistry, type Registry, type RegistryOptions } from "./src/app/registry.ts";
export type { Config } from "./src/config/config.ts";
export { loadConfig } from "./src/config/load.ts";
