import { getLogger } from "@logtape/logtape";
import { assertEquals } from "@std/assert";
import { buildMiddleware } from "../../src/app/build_middleware.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { configOf } from "./_config.ts";

const log = getLogger(["stowage", "test", "silent"]);

Deno.test("buildMiddleware puts what is configured around the driver, and nothing otherwise", async () => {
  const driver = new InMemoryDriver();
  const plain = configOf("storage: inmemory");
  assertEquals(await buildMiddleware(plain, { driver, log }), driver);

  const config = configOf(`
storage: inmemory
middleware:
  storage:
    - { name: redirect, options: { baseurl: "https://cdn.example/x" } }
    - { name: rewrite, options: { scheme: http }, disabled: true }
`);
  const wrapped = await buildMiddleware(config, { driver, log });
  assertEquals(await wrapped.redirectUrl("/a", { method: "GET" }), "https://cdn.example/x/a");
});
