import { assertEquals } from "@std/assert";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { guardDriver } from "../../../src/drivers/guard.ts";

import { context, PATH, redirectOf, wrap } from "./_middleware.ts";

storageDriverContract("redirect middleware", async () => {
  const driver = guardDriver(
    await wrapDriver(new InMemoryDriver(), [{ name: "redirect", baseUrl: "https://a" }], context()),
  );
  return { driver, [Symbol.asyncDispose]: () => driver.close() };
});

Deno.test("redirect joins its URL and the path", async () => {
  const cases = {
    "https://cdn.example": `https://cdn.example${PATH}`,
    "https://cdn.example:8443/a/b/": `https://cdn.example:8443/a/b${PATH}`,
    "http://cdn.example/a": `http://cdn.example/a${PATH}`,
  };
  for (const [baseUrl, expected] of Object.entries(cases)) {
    assertEquals(await redirectOf(await wrap([{ name: "redirect", baseUrl }])), expected);
  }
});
