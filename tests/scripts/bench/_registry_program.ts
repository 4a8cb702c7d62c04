/**
 * The library as a program, for tests that need a process: `serve CONFIG`.
 *
 * @module
 */
import { createRegistry, loadConfig } from "../../../mod.ts";

const [, path = ""] = Deno.args;
const text = await Deno.readTextFile(path);
const { config } = loadConfig({ text, fileName: path, env: {} });
const registry = await createRegistry(config);
const [hostname = "", port] = config.http.addr.split(":");
const server = Deno.serve(
  { hostname, port: Number(port), onListen: () => {} },
  (request) => registry.fetch(request),
);
Deno.addSignalListener("SIGTERM", async () => {
  await server.shutdown();
  await registry.close();
  Deno.exit(0);
});
