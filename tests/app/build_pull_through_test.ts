import { assertEquals } from "@std/assert";
import { createRegistry } from "../../src/app/registry.ts";
import type { Instrument } from "../../src/metrics/instrument.ts";
import { PULL_THROUGH_INSTRUMENTS } from "../../src/metrics/instruments/pull_through_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
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

Deno.test("buildPullThrough measures what an upstream answers, and what is left of its rate limit", async () => {
  const upstream = new TestRegistry();
  await upstream.pushImage("team/app", { reference: "v1" });
  let left = 100;
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const headers = {
      "ratelimit-limit": "100;w=21600",
      "ratelimit-remaining": `${--left};w=21600`,
    };
    if (pathname.endsWith("/v2")) return new Response(null, { status: 429, headers });
    const { status, body } = await upstream.send(request.method, pathname + search);
    return new Response(body, { status, headers });
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const meter = createMeter();
  const registry = await createRegistry(
    configOf(`
storage: inmemory
proxy:
  upstreams:
    - {prefix: other, remoteurl: "http://${host}"}
`),
    { meter },
  );
  const valueOf = (instrument: Instrument, labels: Readonly<Record<string, string>> = {}) =>
    sumOf(meter.snapshot(), instrument, { upstream: host, ...labels });
  const { rateLimit, rateLimitRemaining, upstreamRequests } = PULL_THROUGH_INSTRUMENTS;
  try {
    for (const [tag, status] of [["v1", 200], ["v3", 404], ["v2", 429]] as const) {
      const answer = await registry.fetch(
        new Request(`http://registry.test/v2/other/team/app/manifests/${tag}`),
      );
      await answer.body?.cancel();
      assertEquals(answer.status, status);
      assertEquals(valueOf(rateLimit), 100);
      assertEquals(valueOf(rateLimitRemaining), left);
    }
    assertEquals(valueOf(upstreamRequests), 100 - left);
    assertEquals(valueOf(upstreamRequests, { code: "429" }), 1);
  } finally {
    await registry.close();
    await server.shutdown();
  }
});
