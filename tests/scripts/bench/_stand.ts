/**
 * What tests of the benchmark measure instead of real servers: Stowage itself, in this process.
 *
 * @module
 */
import { join } from "@std/path";
import { createRegistry, loadConfig } from "../../../mod.ts";
import { BlobMaker } from "../../../scripts/bench/blob_maker.ts";
import { missingTool } from "../../../scripts/bench/load_tools.ts";
import type { LoadTool } from "../../../scripts/bench/load_tools.ts";
import type { Plan } from "../../../scripts/bench/plan.ts";
import type { BenchServer, Contestant } from "../../../scripts/bench/servers.ts";
import type { Stand } from "../../../scripts/bench/workload.ts";

/** A run that does everything once. */
export const SMALLEST_PLAN: Plan = {
  name: "quick",
  rounds: 1,
  growthRounds: 1,
  loadSeconds: 1,
  sizes: [100],
  effort: 0.01,
};

/** A registry that is the program `_registry_program.ts`. */
export const CONTESTANT: Contestant = {
  kind: "stowage",
  title: "Stowage",
  version: "0",
  command: Deno.execPath(),
  args: ["run", "-A", join(import.meta.dirname ?? ".", "_registry_program.ts"), "serve"],
};

/** Starts a registry in this process, with its storage below `folder`. */
export async function startInProcess(folder: string, root = folder): Promise<BenchServer> {
  const text = JSON.stringify({
    version: "0.1",
    storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
    catalog: { maxentries: 1000 },
  });
  const { config } = loadConfig({ text, fileName: "config.yml", env: {} });
  const registry = await createRegistry(config);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => registry.fetch(request),
  );
  const { port } = server.addr;
  return {
    contestant: CONTESTANT,
    pid: Deno.pid,
    address: { hostname: "127.0.0.1", port },
    url: `http://127.0.0.1:${port}`,
    root,
    folder,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await registry.close();
    },
  };
}

/** A stand for a server. */
export function standOf(server: BenchServer): Stand {
  const { signal } = new AbortController();
  return { server, plan: SMALLEST_PLAN, blobs: new BlobMaker(), signal };
}

/** Registers a test that needs programs which make load; where one is missing, it says so. */
export function testWithLoad(
  tools: readonly LoadTool[],
  test: { readonly name: string; readonly fn: () => Promise<void> },
): void {
  const [reason] = tools.flatMap((tool) => missingTool(tool) ?? []);
  if (reason === undefined) return Deno.test(test.name, test.fn);
  if (Deno.env.get("STOWAGE_TEST_REQUIRE") === "all") {
    Deno.test(test.name, () => {
      throw new Error(`Cannot test: ${reason}`);
    });
    return;
  }
  console.log(`skipped: "${test.name}" ${reason}`);
  Deno.test({ ...test, ignore: true });
}
