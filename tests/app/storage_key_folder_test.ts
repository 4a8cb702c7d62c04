import { StorageKeyFolder } from "../../src/app/storage_key_folder.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { testKeyFolder } from "../contracts/key_folder.ts";

Deno.test("StorageKeyFolder keeps the contract", async () => {
  await testKeyFolder(new StorageKeyFolder(guardDriver(new InMemoryDriver())));
});
