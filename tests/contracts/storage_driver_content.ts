import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { assertFails, type DriverCase, putPaths, textAt } from "./storage_driver_case.ts";

/** Around the sizes at which a driver may change the way it reads. */
const SIZES = [0, 1, 71, 4096, 65_535, 65_536, 65_537, 1_048_579];

const NAMES = [
  ".hidden",
  "-",
  "_",
  "...",
  "..a",
  "a..",
  "UPPER.lower-0_9",
  "x".repeat(128),
  "0",
];

const INVALID_PATHS = [
  "",
  "a",
  "a/b",
  "/a/",
  "//a",
  "/a//b",
  "/.",
  "/..",
  "/a/../b",
  "/a/./b",
  "/a/..",
  "/a b",
  "/a\n",
  "/a\0",
  "/a%2fb",
  "/ä",
  "/a\\b",
  "/*",
  "/a:b",
];

/** Every call that takes a path, and whether the root is one for it. */
const CALLS: readonly {
  readonly run: (driver: StorageDriver, path: string) => Promise<unknown>;
  readonly root: boolean;
}[] = [
  { run: (driver, path) => driver.getContent(path), root: false },
  { run: (driver, path) => driver.putContent(path, new Uint8Array()), root: false },
  { run: (driver, path) => driver.reader(path), root: false },
  { run: (driver, path) => driver.writer(path), root: false },
  { run: (driver, path) => driver.move(path, "/to"), root: false },
  { run: (driver, path) => driver.move("/from", path), root: false },
  { run: (driver, path) => driver.delete(path), root: false },
  { run: (driver, path) => driver.redirectUrl(path, { method: "GET" }), root: false },
  { run: (driver, path) => driver.stat(path), root: true },
  { run: (driver, path) => driver.list(path), root: true },
  { run: (driver, path) => Array.fromAsync(driver.walk(path)), root: true },
];

/** Whole files, and the paths they are at. */
export const CONTENT_CASES = {
  "getContent gives what putContent was given": async (driver) => {
    for (const size of SIZES) {
      const content = randomBytes(`content ${size}`, size);
      await driver.putContent(`/sizes/${size}`, content);
      assertEquals(await driver.getContent(`/sizes/${size}`), content);
    }
  },

  "putContent replaces longer content whole": async (driver) => {
    await driver.putContent("/file", randomBytes("long", 100_000));
    await driver.putContent("/file", toBytes("short"));
    assertEquals(await textAt(driver, "/file"), "short");
    assertEquals((await driver.stat("/file")).sizeBytes, 5);
  },

  "putContent copies its content, getContent gives a copy": async (driver) => {
    const content = toBytes("kept");
    await driver.putContent("/file", content);
    content.fill(0);
    (await driver.getContent("/file")).fill(0);
    assertEquals(await textAt(driver, "/file"), "kept");
  },

  "getContent gives each caller bytes of its own": async (driver) => {
    await putPaths(driver, "/a", "/b");
    const [a, b] = await Promise.all([driver.getContent("/a"), driver.getContent("/b")]);
    assertEquals([a, b], [toBytes("/a"), toBytes("/b")]);
  },

  "getContent fails with path_not_found where there is no file": async (driver) => {
    await putPaths(driver, "/folder/file");
    for (const path of ["/missing", "/folder", "/folder/missing", "/folder/file/below"]) {
      const error = await assertFails(driver.getContent(path), "path_not_found");
      assertEquals(error.path, path);
      assertEquals(error.driver, driver.name);
      assertEquals(error.message, `${driver.name}: Path not found: ${path}`);
    }
  },

  "putContent makes folders of any depth": async (driver) => {
    const path = "/deep".repeat(60);
    await putPaths(driver, path);
    assertEquals(await textAt(driver, path), path);
  },

  "putContent takes every name that the path rule allows": async (driver) => {
    const paths = NAMES.flatMap((name) => [`/files/${name}`, `/folders/${name}/file`]);
    await putPaths(driver, ...paths);
    for (const path of paths) assertEquals(await textAt(driver, path), path);
    const listed = await driver.list("/files");
    assertEquals(listed.toSorted(), NAMES.map((name) => `/files/${name}`).toSorted());
  },

  "putContent shows readers the old content or the new": async (driver) => {
    const versions = [randomBytes("old", 90_000), randomBytes("new", 50)];
    let writing = true;
    await driver.putContent("/file", randomBytes("old", 90_000));
    async function readOn(): Promise<number> {
      let reads = 0;
      for (; writing; reads++) {
        const content = await driver.getContent("/file");
        const version = versions.find(({ byteLength }) => byteLength === content.byteLength);
        assert(version !== undefined, `read ${content.byteLength} bytes`);
        assertEquals(content, version);
        // Lets the writer go on where the driver never waits.
        await new Promise((resolve) => setTimeout(resolve));
      }
      return reads;
    }
    const readers = [readOn(), readOn()];
    for (let round = 0; round < 20; round++) {
      for (const version of versions) await driver.putContent("/file", version);
    }
    writing = false;
    assert((await Promise.all(readers)).every((reads) => reads > 0));
  },

  "putContent at once to one path leaves one of the contents": async (driver) => {
    const contents = Array.from(
      { length: 16 },
      (_, index) => randomBytes(`${index}`, 3000 + index),
    );
    await Promise.all(contents.map((content) => driver.putContent("/new/file", content)));
    const left = await driver.getContent("/new/file");
    assertEquals(left, contents[left.byteLength - 3000]);
    assertEquals(await driver.list("/new"), ["/new/file"]);
  },

  "putContent at once to many paths keeps them all": async (driver) => {
    const paths = Array.from({ length: 64 }, (_, index) => `/many/${index % 8}/${index}/file`);
    await Promise.all(paths.map((path) => driver.putContent(path, toBytes(path))));
    for (const path of paths) assertEquals(await textAt(driver, path), path);
  },

  "every call fails with invalid_path where the path breaks the rule": async (driver) => {
    await putPaths(driver, "/a", "/b", "/from");
    for (const { run, root } of CALLS) {
      const paths = root ? INVALID_PATHS : [...INVALID_PATHS, "/"];
      for (const path of paths) {
        const error = await assertFails(run(driver, path), "invalid_path");
        assertEquals(error.message, `${driver.name}: invalid path: ${path}`);
      }
    }
    assertEquals((await driver.list("/")).toSorted(), ["/a", "/b", "/from"]);
  },
} satisfies Record<string, DriverCase>;
