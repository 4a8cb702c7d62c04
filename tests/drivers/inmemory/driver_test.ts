import { assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { guardDriver } from "../../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { assertFails, textAt } from "../../contracts/storage_driver_case.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";

storageDriverContract("inmemory", () => {
  const driver = guardDriver(new InMemoryDriver());
  return Promise.resolve({ driver, [Symbol.asyncDispose]: () => driver.close() });
});

Deno.test("InMemoryDriver dates files with its clock, and folders not at all", async () => {
  let nowMs = 1000;
  const driver = new InMemoryDriver({ clock: { now: () => nowMs } });
  nowMs = 2000;
  const writer = await driver.writer("/folder/file");
  assertEquals((await driver.stat("/folder/file")).modifiedAtMs, 2000);
  nowMs = 3000;
  await writer.write(toBytes("content"));
  assertEquals((await driver.stat("/")).modifiedAtMs, 0);
  assertEquals((await driver.stat("/folder")).modifiedAtMs, 0);
  assertEquals((await driver.stat("/folder/file")).modifiedAtMs, 3000);
});

Deno.test("InMemoryDriver keeps files and folders apart", async () => {
  const driver = guardDriver(new InMemoryDriver());
  await driver.putContent("/file", toBytes("file"));
  await driver.putContent("/folder/file", toBytes("file"));
  await assertFails(driver.putContent("/file/below", toBytes("x")), "unavailable");
  await assertFails(driver.putContent("/folder", toBytes("x")), "unavailable");
  await assertFails(driver.writer("/folder", { append: true }), "unavailable");
  await assertFails(driver.move("/file", "/folder"), "unavailable");
  assertEquals(await textAt(driver, "/file"), "file");
  assertEquals(await textAt(driver, "/folder/file"), "file");
});

Deno.test("InMemoryDriver.move of a file onto itself keeps it", async () => {
  const driver = new InMemoryDriver();
  await driver.putContent("/file", toBytes("file"));
  await driver.move("/file", "/file");
  assertEquals(await textAt(driver, "/file"), "file");
});
