import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { SYSTEM_CLOCK } from "../../src/base/clock.ts";
import type { FileInfo } from "../../src/drivers/driver.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { FolderNames } from "../../src/storage/folder_names.ts";
import { TempFolder } from "../support/temp.ts";
import { DriverDouble, FakeClock } from "./_doubles.ts";

/** A driver whose folders have the time that a test says. */
class DatedDriver extends DriverDouble {
  folderTimeMs = 0;

  override async stat(path: string): Promise<FileInfo> {
    const info = await super.stat(path);
    return info.isDirectory ? { ...info, modifiedAtMs: this.folderTimeMs } : info;
  }
}

function listings(driver: DriverDouble): number {
  return driver.calls.filter(({ method }) => method === "list").length;
}

async function put(driver: DriverDouble, path: string): Promise<void> {
  await driver.putContent(path, toBytes("x"));
}

Deno.test("FolderNames.list does not list a folder again that has not changed", async () => {
  const clock = new FakeClock();
  const driver = new DatedDriver();
  driver.folderTimeMs = clock.now() - 10_000;
  const folders = new FolderNames(driver, clock);
  await put(driver, "/tags/b");
  await put(driver, "/tags/a");

  assertEquals(await folders.list("/tags"), ["a", "b"]);
  assertEquals(await folders.list("/tags"), ["a", "b"]);
  assertEquals(listings(driver), 1);

  await put(driver, "/tags/c");
  driver.folderTimeMs += 1;
  assertEquals(await folders.list("/tags"), ["a", "b", "c"]);
  assertEquals(listings(driver), 2);
});

Deno.test("FolderNames.list keeps nothing of a folder that may change at the same time", async () => {
  // Times of whole seconds come from a coarse clock.
  for (const [folderTimeMs, settledMs] of [[5_000_000, 2000], [5_000_001, 100]] as const) {
    const clock = new FakeClock(folderTimeMs + settledMs - 1);
    const driver = new DatedDriver();
    driver.folderTimeMs = folderTimeMs;
    const folders = new FolderNames(driver, clock);
    await put(driver, "/tags/a");

    assertEquals(await folders.list("/tags"), ["a"]);
    await put(driver, "/tags/b");
    assertEquals(await folders.list("/tags"), ["a", "b"]);

    clock.advance(1);
    await folders.list("/tags");
    await folders.list("/tags");
    assertEquals(listings(driver), 3);
  }
});

Deno.test("FolderNames.list asks for the time of a folder once where folders have none", async () => {
  const driver = new DriverDouble();
  const folders = new FolderNames(driver, new FakeClock());
  await put(driver, "/tags/a");
  await folders.list("/tags");
  await put(driver, "/tags/b");

  assertEquals(await folders.list("/tags"), ["a", "b"]);
  assertEquals(driver.calls.filter(({ method }) => method === "stat").length, 1);
});

Deno.test("FolderNames.list tells that there is no folder", async () => {
  const driver = new DriverDouble();
  const folders = new FolderNames(driver, new FakeClock());
  assertEquals(await folders.list("/tags"), undefined);
  await put(driver, "/other/a");
  assertEquals(await folders.list("/other"), ["a"]);
  assertEquals(await folders.list("/tags"), undefined);
});

Deno.test("FolderNames.list sees each change of a folder on disk", async () => {
  await using folder = await TempFolder.make();
  const driver = new FilesystemDriver({ rootDirectory: folder.path });
  const folders = new FolderNames(driver, SYSTEM_CLOCK);
  await driver.putContent("/tags/a/link", toBytes("x"));
  await Deno.utime(folder.join("tags"), 1, 1);
  assertEquals(await folders.list("/tags"), ["a"]);
  assertEquals(await folders.list("/tags"), ["a"]);
  await driver.putContent("/tags/b/link", toBytes("x"));
  assertEquals(await folders.list("/tags"), ["a", "b"]);
  await driver.delete("/tags/a");
  assertEquals(await folders.list("/tags"), ["b"]);
});
