import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { createDriver, type DriverConfig } from "../../src/drivers/factory.ts";
import type { DriverAction } from "../../src/drivers/guard.ts";
import { assertFails, textAt } from "../contracts/storage_driver_case.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("createDriver makes the driver that is named, behind the guard", async () => {
  await using folder = await TempFolder.make();
  const configs: readonly DriverConfig[] = [
    { name: "inmemory" },
    { name: "filesystem", rootDirectory: folder.path, maxThreads: 25 },
  ];
  for (const config of configs) {
    const seen: DriverAction[] = [];
    const driver = await createDriver(config, { observe: (action) => seen.push(action) });
    assertEquals(driver.name, config.name);
    await driver.putContent("/file", toBytes(config.name));
    assertEquals(await textAt(driver, "/file"), config.name);
    await assertFails(driver.getContent("/../file"), "invalid_path");
    assertEquals(seen, ["PutContent", "GetContent"]);
    await driver.close();
  }
  assertEquals(await Deno.readTextFile(folder.join("file")), "filesystem");
});

Deno.test("createDriver lets the filesystem driver run maxThreads calls at once", async () => {
  await using folder = await TempFolder.make();
  const config = { name: "filesystem", rootDirectory: folder.path, maxThreads: 1 } as const;
  const ended: string[] = [];
  const driver = await createDriver(config);
  await Promise.all([
    driver.putContent("/slow", new Uint8Array(4_000_000)).then(() => ended.push("put")),
    driver.stat("/").then(() => ended.push("stat")),
  ]);
  assertEquals(ended, ["put", "stat"]);
});

Deno.test("createDriver finds at once that a folder cannot be used", async () => {
  await using folder = await TempFolder.make();
  const rootDirectory = await folder.write("file", "in the way");

  await assertFails(
    createDriver({ name: "filesystem", rootDirectory, maxThreads: 25 }),
    "unavailable",
  );
});
