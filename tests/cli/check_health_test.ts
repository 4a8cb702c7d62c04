import { assertEquals, assertStringIncludes } from "@std/assert";
import { HEALTH_COMMAND } from "../../src/cli/check_health.ts";
import { TempFolder } from "../support/temp.ts";
import { FakeSurroundings } from "./_fake_surroundings.ts";

/** Asks a listener at `addr`, and gives the exit code with all that was printed. */
async function check(addr: string, net = "tcp"): Promise<{ code: number; text: string }> {
  const surroundings = new FakeSurroundings({
    REGISTRY_STORAGE: "inmemory",
    REGISTRY_HTTP_ADDR: addr,
    REGISTRY_HTTP_NET: net,
  });
  const code = await HEALTH_COMMAND.run({ operands: [], flags: new Set() }, surroundings);
  return { code, text: surroundings.stdout.text + surroundings.stderr.text };
}

/** Answers with a status; ends with the block that holds it. */
function serve(status: number, body = ""): AsyncDisposable & { readonly port: number } {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => new Response(body, { status: url.endsWith("/readyz") ? status : 404 }),
  );
  return { port: server.addr.port, [Symbol.asyncDispose]: () => server.shutdown() };
}

Deno.test("stowage health finds a registry healthy that is ready", async () => {
  await using server = serve(200, "ok\n");

  assertEquals(await check(`:${server.port}`), {
    code: 0,
    text: `healthy: 127.0.0.1:${server.port}\n`,
  });
});

Deno.test("stowage health tells why a registry is not healthy", async () => {
  await using server = serve(503, "storage: disk on fire\n/down: file exists\n");

  const { code, text } = await check(`127.0.0.1:${server.port}`);

  assertEquals(code, 1);
  assertStringIncludes(text, "unhealthy: ");
  assertStringIncludes(text, "status 503, storage: disk on fire; /down: file exists");
});

Deno.test("stowage health finds nobody who listens unhealthy", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();

  const { code, text } = await check(`127.0.0.1:${port}`);

  assertEquals(code, 1);
  assertStringIncludes(text, "unhealthy: ");
});

Deno.test("stowage health asks behind a socket of the machine", async () => {
  await using folder = await TempFolder.make();
  const path = folder.join("registry.sock");
  const server = Deno.serve({ path, onListen() {} }, () => new Response("{}"));

  assertEquals((await check(path, "unix")).code, 0);

  await server.shutdown();
});
