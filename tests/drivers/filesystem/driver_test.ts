import { TempFolder } from "../../support/temp.ts";
import { createDriver } from "../../../src/drivers/factory.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";

storageDriverContract("filesystem", async () => {
  const folder = await TempFolder.make();
  const driver = await createDriver({
    name: "filesystem",
    rootDirectory: folder.path,
    maxThreads: 25,
  });
  return {
    driver,
    async [Symbol.asyncDispose]() {
      await driver.close();
      await folder[Symbol.asyncDispose]();
    },
  };
});
