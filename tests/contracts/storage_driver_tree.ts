import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { assertFails, type DriverCase, putPaths, textAt } from "./storage_driver_case.ts";

const DAY_MS = 86_400_000;

/** Looking around, moving and removing. */
export const TREE_CASES = {
  "stat tells of a file": async (driver) => {
    await driver.putContent("/folder/file", randomBytes("stat", 12_345));
    const { modifiedAtMs, ...info } = await driver.stat("/folder/file");
    assertEquals(info, { path: "/folder/file", sizeBytes: 12_345, isDirectory: false });
    assert(Math.abs(Date.now() - modifiedAtMs) < DAY_MS);
  },

  "stat tells of a folder": async (driver) => {
    await putPaths(driver, "/a/b/file");
    for (const path of ["/", "/a", "/a/b"]) {
      const { modifiedAtMs, ...info } = await driver.stat(path);
      assertEquals(info, { path, sizeBytes: 0, isDirectory: true });
      assert(modifiedAtMs >= 0);
    }
  },

  "stat fails with path_not_found where there is nothing": async (driver) => {
    await putPaths(driver, "/a/file");
    for (const path of ["/b", "/a/b", "/a/file/b", "/a/fil", "/a/file2"]) {
      await assertFails(driver.stat(path), "path_not_found");
    }
  },

  "the root exists before anything is in it": async (driver) => {
    assertEquals((await driver.stat("/")).isDirectory, true);
    assertEquals(await driver.list("/"), []);
    assertEquals(await Array.fromAsync(driver.walk("/")), []);
  },

  "list gives the direct children of a folder": async (driver) => {
    await putPaths(driver, "/a/file", "/a/b/file", "/a/b/c/file", "/ab/file", "/top");
    assertEquals((await driver.list("/")).toSorted(), ["/a", "/ab", "/top"]);
    assertEquals((await driver.list("/a")).toSorted(), ["/a/b", "/a/file"]);
    assertEquals(await driver.list("/a/b/c"), ["/a/b/c/file"]);
  },

  "list fails with path_not_found where there is no folder": async (driver) => {
    await putPaths(driver, "/a/file");
    for (const path of ["/b", "/a/b", "/a/file", "/a/file/b"]) {
      await assertFails(driver.list(path), "path_not_found");
    }
  },

  "move takes a file to another folder": async (driver) => {
    const content = randomBytes("move", 100_000);
    await driver.putContent("/from/file", content);
    await driver.move("/from/file", "/to/new/folder/file");
    assertEquals(await driver.getContent("/to/new/folder/file"), content);
    await assertFails(driver.stat("/from/file"), "path_not_found");
  },

  "move replaces the file that is there": async (driver) => {
    await driver.putContent("/to", randomBytes("long", 100_000));
    await putPaths(driver, "/from");
    await driver.move("/from", "/to");
    assertEquals(await textAt(driver, "/to"), "/from");
    assertEquals(await driver.list("/"), ["/to"]);
  },

  "move of a missing file changes nothing": async (driver) => {
    await putPaths(driver, "/to", "/file");
    for (const source of ["/missing", "/missing/file", "/file/below"]) {
      const error = await assertFails(driver.move(source, "/to"), "path_not_found");
      assertEquals(error.path, source);
      await assertFails(driver.move(source, "/new/folder/file"), "path_not_found");
    }
    assertEquals(await textAt(driver, "/to"), "/to");
    assertEquals((await driver.list("/")).toSorted(), ["/file", "/to"]);
  },

  "move shows readers the old content or the new": async (driver) => {
    const contents = Array.from(
      { length: 20 },
      (_, round) => randomBytes(`${round}`, 70_000 + round),
    );
    let moving = true;
    await driver.putContent("/to", randomBytes("0", 70_000));
    async function readOn(): Promise<number> {
      let reads = 0;
      for (; moving; reads++) {
        const content = await driver.getContent("/to");
        assertEquals(content, contents[content.byteLength - 70_000]);
        // Lets the others go on where the driver never waits.
        await new Promise((resolve) => setTimeout(resolve));
      }
      return reads;
    }
    const reader = readOn();
    for (const content of contents) {
      await driver.putContent("/from", content);
      await driver.move("/from", "/to");
    }
    moving = false;
    assert(await reader > 0);
  },

  "delete removes a file": async (driver) => {
    await putPaths(driver, "/a/file", "/a/other");
    await driver.delete("/a/file");
    await assertFails(driver.getContent("/a/file"), "path_not_found");
    assertEquals(await driver.list("/a"), ["/a/other"]);
    await driver.putContent("/a/file", toBytes("again"));
    assertEquals(await textAt(driver, "/a/file"), "again");
  },

  "delete removes a folder with all that is in it": async (driver) => {
    await putPaths(driver, "/a/b/c/1", "/a/b/2", "/a/3", "/b/4");
    await driver.delete("/a");
    for (const path of ["/a", "/a/3", "/a/b", "/a/b/c/1"]) {
      await assertFails(driver.stat(path), "path_not_found");
    }
    assertEquals(await driver.list("/"), ["/b"]);
  },

  "delete spares what only shares the prefix": async (driver) => {
    await putPaths(driver, "/a/file", "/a-b/file", "/ab", "/a.b", "/a0/file");
    await driver.delete("/a");
    assertEquals((await driver.list("/")).toSorted(), ["/a-b", "/a.b", "/a0", "/ab"]);
  },

  "delete fails with path_not_found where there is nothing": async (driver) => {
    await putPaths(driver, "/ab/file");
    for (const path of ["/a", "/ab/c", "/ab/file/c", "/ab/fil"]) {
      await assertFails(driver.delete(path), "path_not_found");
    }
    assertEquals(await textAt(driver, "/ab/file"), "/ab/file");
  },

  "redirectUrl gives a URL or nothing": async (driver) => {
    await putPaths(driver, "/file");
    for (const method of ["GET", "HEAD"] as const) {
      const url = await driver.redirectUrl("/file", { method, clientAddress: "192.0.2.1" });
      assert(url === undefined || URL.canParse(url), url);
    }
  },
} satisfies Record<string, DriverCase>;
