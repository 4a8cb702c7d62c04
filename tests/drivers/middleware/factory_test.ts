import { assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";
import { textAt } from "../../contracts/storage_driver_case.ts";

import { context, PATH, redirectOf, wrap } from "./_middleware.ts";

Deno.test("wrapDriver without middleware gives the driver itself", async () => {
  const driver = new InMemoryDriver();
  assertEquals(await wrapDriver(driver, [], context()), driver);
});

Deno.test("wrapDriver puts a later middleware around an earlier one", async () => {
  const driver = await wrap([
    { name: "redirect", baseUrl: "https://cdn.example/x" },
    { name: "rewrite", scheme: "http", host: "", trimPathPrefix: "/x" },
  ]);
  assertEquals(await redirectOf(driver), `http://cdn.example${PATH}`);
  await driver.putContent("/file", toBytes("content"));
  assertEquals(await textAt(driver, "/file"), "content");
});
