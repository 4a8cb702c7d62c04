import { assertEquals, assertRejects } from "@std/assert";
import { createRegistry } from "../../src/app/registry.ts";
import { ConfigError } from "../../src/config/error.ts";
import { configOf } from "./_config.ts";

Deno.test("createRegistry answers requests until it is closed", async () => {
  const registry = await createRegistry(configOf("storage: inmemory\nhttp: { prefix: /x/ }"));

  const base = await registry.fetch(new Request("http://registry.test/x/v2/"));
  const elsewhere = await registry.fetch(new Request("http://registry.test/v2/"));
  await registry.close();

  assertEquals([base.status, elsewhere.status], [200, 404]);
});

Deno.test("createRegistry refuses what it cannot serve", async () => {
  const config = configOf("storage: inmemory\nredis: { addrs: ['127.0.0.1:1'] }");

  await assertRejects(() => createRegistry(config), ConfigError, "redis");
});
