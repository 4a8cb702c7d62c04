import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { ROOT } from "../../src/storage/paths.ts";
import { Trash } from "../../src/storage/trash.ts";
import { DriverDouble, filesOf } from "./_doubles.ts";

const PATH = `${ROOT}/blobs/sha256/ab/abcd/data`;

Deno.test("Trash.put and restore move a file there and back", async () => {
  const driver = new DriverDouble();
  const trash = new Trash(driver);
  assertEquals([await trash.put(PATH, 1), await trash.restore(PATH)], [false, false]);
  await driver.putContent(PATH, toBytes("content"));
  assertEquals(await trash.put(PATH, 1700), true);
  const [entry] = await Array.fromAsync(trash.entries());
  assertEquals([entry?.original, entry?.putAtMs, entry?.sizeBytes], [PATH, 1700, 7]);
  assertEquals(await trash.restore(PATH), true);
  assertEquals(Object.keys(await filesOf(driver)), [PATH]);
});

Deno.test("Trash gives each copy a name of its own, and removes that one only", async () => {
  const driver = new DriverDouble();
  const trash = new Trash(driver);
  for (let count = 0; count < 2; count++) {
    await driver.putContent(PATH, toBytes("content"));
    await trash.put(PATH, 1700);
  }
  const [first, second] = await trash.copies(PATH);
  assertEquals(first === second, false);
  assertEquals(await trash.removeCopy({ path: first ?? "" }), true);
  assertEquals(await trash.removeCopy({ path: first ?? "" }), false);
  assertEquals(await trash.restore(PATH), true);
});
