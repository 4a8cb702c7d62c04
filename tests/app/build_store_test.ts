import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { buildStore } from "../../src/app/build_store.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { configOf } from "./_config.ts";

Deno.test("buildStore wraps the store only where other registries are named", async () => {
  const options = {
    driver: guardDriver(new InMemoryDriver()),
    cache: undefined,
    log: getLogger(["test"]),
    meter: undefined,
  };
  const plain = await buildStore(configOf("storage: inmemory"), options);
  assertEquals(plain.store.tags.warning, undefined);
  const text = 'storage: inmemory\nproxy: {remoteurl: "http://127.0.0.1:9"}';
  const copies = await buildStore(configOf(text), options);
  assertEquals(copies.store.tags.warning?.("a", "v1"), undefined);
  assertEquals(typeof copies.store.tags.warning, "function");
  await Promise.all([plain.close(), copies.close()]);
});
