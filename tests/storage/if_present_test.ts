import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { deleteIfPresent, readIfPresent, statIfPresent } from "../../src/storage/if_present.ts";
import { DriverDouble, filesOf } from "./_doubles.ts";

const CONTENT = toBytes("some content");

Deno.test("readIfPresent, statIfPresent and deleteIfPresent take what is missing for an answer", async () => {
  const driver = new DriverDouble();
  await driver.putContent("/folder/file", CONTENT);

  assertEquals(await readIfPresent(driver, "/missing"), undefined);
  assertEquals(await readIfPresent(driver, "/folder"), undefined);
  assertEquals(await statIfPresent(driver, "/missing"), undefined);
  await deleteIfPresent(driver, "/missing");
  assertEquals(await readIfPresent(driver, "/folder/file"), CONTENT);
  assertEquals((await statIfPresent(driver, "/folder"))?.isDirectory, true);
  await deleteIfPresent(driver, "/folder");
  assertEquals(await filesOf(driver), {});
});

Deno.test("readIfPresent, statIfPresent and deleteIfPresent pass on every other failure", async () => {
  const driver = new DriverDouble();
  driver.before = () => {
    throw new DriverError("unavailable", { driver: "double", cause: "no network" });
  };

  for (const call of [readIfPresent, statIfPresent, deleteIfPresent]) {
    await assertRejects(() => call(driver, "/file"), DriverError, "no network");
  }
});
