import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { createProgramMeter, withDebugListener } from "../../src/cli/debug_listener.ts";
import { startService } from "../../src/cli/service.ts";
import { loadConfig } from "../../src/config/load.ts";
import { ServerError } from "../../src/server/error.ts";
import { freePort } from "../support/process.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

const LOG = getLogger("stowage");

/** A registry in memory with its debug listener; ends with the block that holds it. */
async function start({ debug, ...more }: { debug: unknown } & Readonly<Record<string, unknown>>) {
  const { config } = loadConfig({
    text: JSON.stringify({
      version: "0.1",
      storage: {
        inmemory: {},
        maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } },
      },
      http: { addr: "127.0.0.1:0", debug },
      ...more,
    }),
  });
  const meter = createProgramMeter();
  const inner = await startService(config, { log: LOG, stdout: new FakeOutput(), meter });
  const service = await withDebugListener(inner, { config, log: LOG });
  const port = service.address.transport === "tcp" ? service.address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await service.stop(0);
    },
  };
}

async function textOf(url: string): Promise<string> {
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

Deno.test("withDebugListener serves health, variables and metrics", async () => {
  const addr = `127.0.0.1:${freePort()}`;
  const prometheus = { enabled: true, path: "/prom" };
  await using registry = await start({ debug: { addr, prometheus } });
  assertEquals(await textOf(`${registry.url}/v2/`), "200 {}");

  assertEquals(await textOf(`http://${addr}/debug/health`), "200 {}");
  assertStringIncludes(await textOf(`http://${addr}/debug/vars`), '"registry": {');
  const metrics = await textOf(`http://${addr}/prom`);
  assertStringIncludes(
    metrics,
    '\nregistry_http_requests_total{code="200",method="get",handler="base"} 1\n',
  );
  assertMatch(metrics, /\nstowage_build_info\{version="[^"]+"\} 1\n/);
  assertStringIncludes(metrics, "\nstowage_read_only 1\n");
  assertStringIncludes(metrics, "\nstowage_serving_threads 1\n");
  assertEquals((await textOf(`http://${addr}/metrics`)).slice(0, 3), "404");
});

Deno.test("withDebugListener has no metrics where Prometheus is not enabled", async () => {
  const addr = `127.0.0.1:${freePort()}`;
  await using _registry = await start({ debug: { addr } });

  assertEquals((await textOf(`http://${addr}/metrics`)).slice(0, 3), "404");
  assertEquals(await textOf(`http://${addr}/debug/health`), "200 {}");
});

Deno.test("withDebugListener shows a health check that fails", async () => {
  const addr = `127.0.0.1:${freePort()}`;
  const file = await Deno.makeTempFile();
  await using registry = await start({
    debug: { addr, prometheus: { enabled: true } },
    health: { file: [{ file, interval: "1ms" }] },
  });

  while ((await textOf(`${registry.url}/readyz`)).startsWith("200")) { /* it runs soon */ }

  assertEquals(await textOf(`${registry.url}/readyz`), `503 ${file}: file exists\n`);
  assertEquals(await textOf(`${registry.url}/livez`), "200 ok\n");
  assertEquals(await textOf(`http://${addr}/debug/health`), `503 {"${file}":"file exists"}`);
  const metrics = await textOf(`http://${addr}/metrics`);
  assertStringIncludes(metrics, `\nstowage_health_check_up{check="${file}"} 0\n`);
  await Deno.remove(file);
});

Deno.test("withDebugListener says which address it cannot have, and leaves nothing open", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;

  const error = await assertRejects(
    () => start({ debug: { addr: `127.0.0.1:${port}` } }),
    ServerError,
  );

  assert(error instanceof ServerError && error.code === "address_in_use");
  assertStringIncludes(error.message, `Cannot listen on http.debug.addr "127.0.0.1:${port}"`);
});
