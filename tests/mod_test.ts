import { assertEquals, assertRejects } from "@std/assert";
import { ConfigError, createRegistry, loadConfig } from "../mod.ts";

Deno.test("createRegistry of the library answers requests", async () => {
  const { config } = loadConfig({ text: "{ version: 0.1, storage: inmemory }" });
  const registry = await createRegistry(config);

  const response = await registry.fetch(new Request("http://registry.test/v2/"));
  await registry.close();

  assertEquals(response.status, 200);
  assertEquals(await response.json(), {});
});

Deno.test("createRegistry of the library refuses what cannot be served", async () => {
  const { config } = loadConfig({
    text: "{ version: 0.1, storage: inmemory, auth: { stowage: { path: /no/such/file.yml } } }",
  });

  await assertRejects(() => createRegistry(config), ConfigError);
});
