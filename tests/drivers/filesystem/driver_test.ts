import { assert, assertEquals, assertInstanceOf, assertMatch } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { applyChanges, type StorageDriver } from "../../../src/drivers/driver.ts";
import { createDriver } from "../../../src/drivers/factory.ts";
import {
  assertFails,
  collect,
  putPaths,
  readAll,
  textAt,
} from "../../contracts/storage_driver_case.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { randomBytes } from "../../support/random_bytes.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";

const MIB = 1024 * 1024;

/** A driver and the folder that it keeps its files in. */
interface Scene extends AsyncDisposable {
  readonly driver: StorageDriver;
  readonly folder: TempFolder;
}

async function makeScene(): Promise<Scene> {
  const folder = await TempFolder.make();
  const driver = await driverIn(folder.path);
  return {
    driver,
    folder,
    async [Symbol.asyncDispose]() {
      await driver.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function driverIn(rootDirectory: string): Promise<StorageDriver> {
  return createDriver({ name: "filesystem", rootDirectory, maxThreads: 25 });
}

storageDriverContract("filesystem", makeScene);

Deno.test("FilesystemDriver keeps each file under its path", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  await putPaths(driver, "/docker/registry/v2/file");
  assertEquals(
    await Deno.readTextFile(folder.join("docker/registry/v2/file")),
    "/docker/registry/v2/file",
  );
  await folder.write("docker/other", "foreign");
  assertEquals(await textAt(driver, "/docker/other"), "foreign");
  assertEquals(namesIn(folder.join("docker/registry/v2")), ["file"]);
});

Deno.test("FilesystemDriver makes its folder when the first file is written", async () => {
  await using folder = await TempFolder.make();
  for (const name of ["missing/root", "missing/slash/"]) {
    const driver = await driverIn(folder.join(name));
    assertEquals(await driver.list("/"), []);
    assertEquals(await Array.fromAsync(driver.walk("/")), []);
    assertEquals((await driver.stat("/")).isDirectory, true);
    await assertFails(driver.list("/folder"), "path_not_found");
    await putPaths(driver, "/folder/file");
    assertEquals(await driver.list("/"), ["/folder"]);
  }
});

Deno.test("FilesystemDriver hides what a killed putContent left behind", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  const content = randomBytes("put", 8 * MIB);
  await putPaths(driver, "/folder/.other.tmp");
  const putting = driver.putContent("/folder/file", content);
  const temporary = await firstName(folder.join("folder"), (name) => name !== ".other.tmp");
  assertEquals(await driver.list("/folder"), ["/folder/.other.tmp"]);
  await putting;
  await folder.write(`folder/${temporary}`, "half of it");
  assertEquals((await driver.list("/folder")).toSorted(), ["/folder/.other.tmp", "/folder/file"]);
  const walked = await Array.fromAsync(driver.walk("/"), ({ path }) => path);
  assertEquals(walked, ["/folder", "/folder/.other.tmp", "/folder/file"]);
  // Distribution has to take the name for a valid one, and no tag, repository or digest may be it.
  assertMatch(temporary, /^\.[A-Za-z0-9._-]+$/);
  await driver.delete("/folder");
  assertEquals(namesIn(folder.path), []);
});

Deno.test("FilesystemDriver.putContent onto a folder fails and leaves nothing", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  await putPaths(driver, "/folder/file");
  await assertFails(driver.putContent("/folder", toBytes("x")), "unavailable");
  await assertFails(driver.writer("/folder", { append: true }), "unavailable");
  await assertFails(driver.writer("/folder"), "unavailable");
  assertEquals(namesIn(folder.path), ["folder"]);
  assertEquals(namesIn(folder.join("folder")), ["file"]);
});

Deno.test("FilesystemDriver writes nothing below a plain file", async () => {
  await using scene = await makeScene();
  const { driver } = scene;
  await putPaths(driver, "/file", "/other");
  await assertFails(driver.putContent("/file/below", toBytes("x")), "unavailable");
  await assertFails(driver.writer("/file/a/b", { append: true }), "unavailable");
  const error = await assertFails(driver.move("/other", "/file/below"), "unavailable");
  assertInstanceOf(error.cause, Deno.errors.NotADirectory);
  assertEquals(await textAt(driver, "/other"), "/other");
});

Deno.test("FilesystemDriver takes a name that is too long for one that is missing", async () => {
  await using scene = await makeScene();
  const path = `/folder/${"x".repeat(256)}`;
  await assertFails(scene.driver.stat(path), "path_not_found");
  await assertFails(scene.driver.getContent(path), "path_not_found");
  await assertFails(scene.driver.delete(path), "path_not_found");
  await putPaths(scene.driver, path.slice(0, -1));
});

Deno.test("FilesystemDriver follows links of the machine, and removes only the link", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  await using elsewhere = await TempFolder.make();
  await elsewhere.write("inside/file", "target");
  await Deno.symlink(elsewhere.join("inside"), folder.join("linked"));
  await Deno.symlink(folder.join("nowhere"), folder.join("dangling"));
  assertEquals((await driver.stat("/linked")).isDirectory, true);
  assertEquals(await driver.list("/linked"), ["/linked/file"]);
  assertEquals(await textAt(driver, "/linked/file"), "target");
  const walked = await Array.fromAsync(driver.walk("/"), ({ path }) => path);
  assertEquals(walked, ["/linked", "/linked/file"]);
  await assertFails(driver.getContent("/dangling"), "path_not_found");
  await assertFails(driver.putContent("/dangling/file", toBytes("x")), "unavailable");
  await driver.delete("/linked");
  await driver.delete("/dangling");
  assertEquals(namesIn(folder.path), []);
  assertEquals(namesIn(elsewhere.join("inside")), ["file"]);
});

Deno.test("FilesystemDriver makes the folder of an upload the one of what it becomes", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  const nothing = new Uint8Array(0);
  for (let time = 0; time < 2; time++) {
    await driver.putContent("/uploads/1/data", nothing, { durable: false });
  }
  const { ino } = Deno.statSync(folder.join("uploads/1"));
  const writer = await driver.writer("/uploads/1/data", { append: true, mustExist: true });
  await writer.write(toBytes("content"));
  const move = { path: "/blobs/a/data", source: "/uploads/1/data", writer, withFolder: true };
  await applyChanges(driver, [move]);
  await writer.close();
  assertEquals(Deno.statSync(folder.join("blobs/a")).ino, ino);
  assertEquals(namesIn(folder.join("uploads")), []);
  assertEquals(await textAt(driver, "/blobs/a/data"), "content");
});

Deno.test("FilesystemDriver works on while others remove its folders", async () => {
  await using scene = await makeScene();
  const { driver } = scene;
  async function remove(): Promise<void> {
    await driver.delete("/a/b").catch((error) => assertEquals(error.code, "path_not_found"));
    await Array.fromAsync(driver.walk("/"));
  }
  for (let round = 0; round < 200; round++) {
    await Promise.all([driver.putContent("/a/b/c/file", toBytes("x")), remove()]);
    await putPaths(driver, "/from");
    await Promise.all([driver.move("/from", "/a/b/c/file"), remove()]);
    const content = toBytes("x");
    const changes = [{ path: "/a/b/c/file", content }, { path: "/a/b/link", content }];
    await Promise.all([applyChanges(driver, changes), remove(), remove()]);
    await putPaths(driver, "/uploads/1/file");
    const move = { path: "/a/b/c/file", source: "/uploads/1/file", withFolder: true };
    await Promise.all([applyChanges(driver, [move]), remove()]);
  }
  await putPaths(driver, "/a/b/c/file");
  assertEquals(await textAt(driver, "/a/b/c/file"), "/a/b/c/file");
});

Deno.test("FilesystemDriver.reader fails where the file is cut meanwhile", async () => {
  await using scene = await makeScene();
  const { driver, folder } = scene;
  await driver.putContent("/file", randomBytes("cut", MIB));
  const stream = await driver.reader("/file");
  await Deno.truncate(folder.join("file"), 600_000);
  const error = await assertFails(collect(stream), "unavailable");
  assertMatch(error.message, /^filesystem: .* the file has become shorter$/);
});

Deno.test("FilesystemDriver.writer fails where its file is removed meanwhile", async () => {
  await using scene = await makeScene();
  const { driver } = scene;
  const writer = await driver.writer("/uploads/1/data");
  await driver.delete("/uploads/1");
  for (let written = 0; written < 8; written++) await writer.write(new Uint8Array(MIB));
  await assertFails(writer.commit(), "unavailable");
  await assertFails(writer.write(new Uint8Array(1)), "unavailable");
  await assertFails(writer.close(), "unavailable");
  await writer.cancel();
  await assertFails(driver.stat("/uploads/1"), "path_not_found");
});

testWith(["linux"], {
  name: "FilesystemDriver closes every file that it opens",
  async fn() {
    await using scene = await makeScene();
    const { driver, folder } = scene;
    const large = randomBytes("large", MIB);
    await driver.putContent("/small", toBytes("small"));
    await driver.putContent("/large", large);
    const stream = await driver.reader("/large");
    assertEquals(openFiles(folder.path), [folder.join("large")]);
    await stream.cancel();
    for (const path of ["/small", "/large"]) {
      await driver.getContent(path);
      await readAll(driver, path);
      await readAll(driver, path, { offset: MIB });
      await (await driver.reader(path)).cancel();
      const reader = (await driver.reader(path)).getReader();
      await Promise.all([reader.read(), reader.cancel()]);
    }
    await assertFails(driver.reader("/"), "invalid_path");
    await putPaths(driver, "/folder/file");
    await assertFails(driver.reader("/folder"), "path_not_found");
    await assertFails(driver.getContent("/folder"), "path_not_found");
    await assertFails(driver.putContent("/folder", large), "unavailable");
    for (const end of ["close", "commit", "cancel"] as const) {
      const writer = await driver.writer("/written", { append: true });
      for (let written = 0; written < 9; written++) await writer.write(large);
      await writer[end]();
      if (end === "commit") await writer.close();
    }
    for await (const _ of driver.walk("/")) break;
    assertEquals(openFiles(folder.path), []);
  },
});

testWith(["tmpfs"], {
  name: "FilesystemDriver fails with no_space on a full disk and keeps what there was",
  async fn() {
    await using disk = await mountSmallDisk();
    const driver = await driverIn(disk.path);
    await driver.putContent("/file", toBytes("old"));
    await assertFails(driver.putContent("/file", new Uint8Array(3 * MIB)), "no_space");
    await assertFails(driver.putContent("/new/file", new Uint8Array(3 * MIB)), "no_space");
    assertEquals(await textAt(driver, "/file"), "old");
    assertEquals(await driver.list("/new"), []);
    assertEquals([namesIn(disk.path), namesIn(disk.join("new"))], [["file", "new"], []]);

    const writer = await driver.writer("/uploads/data");
    await writer.write(new Uint8Array(MIB));
    await assertFails(writer.write(new Uint8Array(2 * MIB)), "no_space");
    assertEquals((await driver.stat("/uploads/data")).sizeBytes, writer.sizeBytes);
    assert(writer.sizeBytes > MIB && writer.sizeBytes < 2 * MIB);
    await assertFails(driver.putContent("/file", toBytes("new")), "no_space");
    assertEquals(await textAt(driver, "/file"), "old");
    await writer.cancel();

    await driver.putContent("/file", toBytes("new"));
    assertEquals(await textAt(driver, "/file"), "new");
  },
});

testWith(["tmpfs"], {
  name: "FilesystemDriver.apply names nothing before all contents are on the disk",
  async fn() {
    await using disk = await mountSmallDisk();
    const driver = await driverIn(disk.path);
    await driver.putContent("/tags/link", toBytes("old"));
    const writer = await driver.writer("/uploads/data");
    await writer.write(toBytes("data"));
    const changes = [
      { path: "/blobs/data", source: "/uploads/data", writer },
      { path: "/tags/link", content: toBytes("new") },
      { path: "/large", content: new Uint8Array(3 * MIB) },
    ];
    const error = await assertFails(applyChanges(driver, changes), "no_space");
    assertEquals(error.path, "/large");
    await writer.close();
    assertEquals(await textAt(driver, "/tags/link"), "old");
    assertEquals(await textAt(driver, "/uploads/data"), "data");
    assertEquals(namesIn(disk.path), ["tags", "uploads"]);
    assertEquals(namesIn(disk.join("tags")), ["link"]);
  },
});

testWith(["tmpfs"], {
  name: "FilesystemDriver fails with no_space where no file can be made",
  async fn() {
    await using disk = await mountSmallDisk("nr_inodes=4");
    const driver = await driverIn(disk.path);
    await putPaths(driver, "/1", "/2");
    // One is left, which a new file takes until it takes the place of the old one.
    await putPaths(driver, "/2", "/3");
    await assertFails(driver.putContent("/1", toBytes("x")), "no_space");
    await assertFails(driver.putContent("/folder/4", toBytes("x")), "no_space");
    await assertFails(driver.writer("/4"), "no_space");
    await assertFails(driver.move("/1", "/folder/1"), "no_space");
    assertEquals((await driver.list("/")).toSorted(), ["/1", "/2", "/3"]);
    assertEquals(namesIn(disk.path), ["1", "2", "3"]);
  },
});

/** The names in a folder of the machine, hidden ones too. */
function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
}

/** Waits for a name that `accept` takes to appear in a folder. */
async function firstName(folder: string, accept: (name: string) => boolean): Promise<string> {
  for (;;) {
    const name = namesIn(folder).find(accept);
    if (name !== undefined) return name;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** The files below `folder` that this process has open. */
function openFiles(folder: string): string[] {
  return namesIn("/proc/self/fd").map(targetOf).filter((path) => path.startsWith(folder));
}

/** What an open file is; empty where it was closed meanwhile. */
function targetOf(descriptor: string): string {
  try {
    return Deno.readLinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return "";
  }
}

/** Mounts 2 MiB of memory on a folder. */
async function mountSmallDisk(option = "nr_inodes=1000"): Promise<TempFolder> {
  const folder = await TempFolder.make();
  await run("mount", "-t", "tmpfs", "-o", `size=2m,${option}`, "tmpfs", folder.path);
  const remove = folder[Symbol.asyncDispose].bind(folder);
  folder[Symbol.asyncDispose] = async () => {
    await run("umount", folder.path);
    await remove();
  };
  return folder;
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args }).output();
  assert(success, `${program} ${args.join(" ")}`);
}
