import { assertEquals } from "@std/assert";
import { createDebugHandler, type DebugSources } from "../../src/server/debug_handler.ts";

const CLIENT = { address: "127.0.0.1" };

const SOURCES: DebugSources = {
  failures: () => undefined,
  vars: () => Promise.resolve({ cmdline: ["stowage"], registry: { redis: 1 } }),
  metrics: {
    path: "/metrics",
    read: () => Promise.resolve({ contentType: "text/plain; version=0.0.4", text: "up 1\n" }),
  },
};

/** Status, type and body of an answer. */
async function ask(path: string, { method = "GET", ...sources }: Partial<DebugSources> & {
  method?: string;
} = {}): Promise<readonly [number, string | null, string]> {
  const handler = createDebugHandler({ ...SOURCES, ...sources });
  const response = await handler(new Request(`http://debug.test${path}`, { method }), CLIENT);
  return [response.status, response.headers.get("content-type"), await response.text()];
}

Deno.test("createDebugHandler tells the health, and why it is bad", async () => {
  assertEquals(await ask("/debug/health"), [200, "application/json", "{}"]);
  assertEquals(await ask("/debug/health", { failures: () => ({ storage: "no disk" }) }), [
    503,
    "application/json",
    '{"storage":"no disk"}',
  ]);
  assertEquals((await ask("/debug/health", { method: "POST" }))[0], 404);
});

Deno.test("createDebugHandler writes variables as Go does", async () => {
  assertEquals(await ask("/debug/vars"), [
    200,
    "application/json; charset=utf-8",
    '{\n"cmdline": ["stowage"],\n"registry": {"redis":1}\n}\n',
  ]);
});

Deno.test("createDebugHandler serves metrics at their path, where there are any", async () => {
  assertEquals(await ask("/metrics"), [200, "text/plain; version=0.0.4", "up 1\n"]);
  assertEquals((await ask("/metrics", { method: "POST" }))[0], 404);
  const { metrics: _, ...without } = SOURCES;
  const response = await createDebugHandler(without)(new Request("http://x/metrics"), CLIENT);
  assertEquals(response.status, 404);
});

Deno.test("createDebugHandler knows nothing else", async () => {
  for (const path of ["/", "/v2/", "/debug/pprof/", "/debug/health/down", "/debug/vars/x"]) {
    assertEquals((await ask(path))[0], 404, path);
  }
});
