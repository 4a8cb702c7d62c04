import { assertEquals } from "@std/assert";
import { createRegistry } from "../../src/app/registry.ts";
import { TestRegistry } from "../api/_registry.ts";
import { configOf } from "./_config.ts";

Deno.test("buildPullThrough makes a registry a cache of others and itself", async () => {
  const upstream = new TestRegistry();
  const image = await upstream.pushImage("team/app", { reference: "v1" });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    return upstream.send(request.method, pathname + search);
  });
  const registry = await createRegistry(configOf(`
storage: inmemory
proxy:
  upstreams:
    - {prefix: other, remoteurl: "http://127.0.0.1:${server.addr.port}"}
`));
  try {
    const send = (method: string, path: string) =>
      registry.fetch(new Request(`http://registry.test${path}`, { method }));
    const pulled = await send("GET", "/v2/other/team/app/manifests/v1");
    assertEquals(new Uint8Array(await pulled.arrayBuffer()), image.bytes);
    const refused = await send("POST", "/v2/other/team/app/blobs/uploads/");
    assertEquals(refused.status, 405);
    const pushed = await send("POST", "/v2/team/app/blobs/uploads/");
    assertEquals(pushed.status, 202);
    await Promise.all([refused.body?.cancel(), pushed.body?.cancel()]);
  } finally {
    await registry.close();
    await server.shutdown();
  }
});
