import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { applyChanges } from "../../src/drivers/driver.ts";
import { assertFails, type DriverCase, putPaths, textAt } from "./storage_driver_case.ts";

/** Several changes at once. */
export const CHANGE_CASES = {
  "apply writes and moves files, one after the other": async (driver) => {
    await putPaths(driver, "/from", "/replaced");
    await applyChanges(driver, [
      { path: "/new/a", content: toBytes("a") },
      { path: "/new/b/c", source: "/from" },
      { path: "/replaced", content: toBytes("first") },
      { path: "/replaced", content: toBytes("last") },
    ]);
    assertEquals(await textAt(driver, "/new/a"), "a");
    assertEquals(await textAt(driver, "/new/b/c"), "/from");
    assertEquals(await textAt(driver, "/replaced"), "last");
    await assertFails(driver.stat("/from"), "path_not_found");
  },

  "apply commits the writer of a file before it moves it": async (driver) => {
    const writer = await driver.writer("/uploads/data");
    await writer.write(toBytes("written"));
    await applyChanges(driver, [
      { path: "/blobs/data", source: "/uploads/data", writer },
      { path: "/links/link", content: toBytes("link") },
    ]);
    await assertFails(writer.write(toBytes("x")), "writer_closed");
    await writer.close();
    assertEquals(await textAt(driver, "/blobs/data"), "written");
    assertEquals(await textAt(driver, "/links/link"), "link");
  },

  "apply of nothing changes nothing": async (driver) => {
    await applyChanges(driver, []);
    assertEquals(await driver.list("/"), []);
  },

  "apply makes no change behind one that fails": async (driver) => {
    const changes = [
      { path: "/first", content: toBytes("first") },
      { path: "/second", source: "/missing" },
      { path: "/third/file", content: toBytes("third") },
    ];
    const error = await assertFails(applyChanges(driver, changes), "path_not_found");
    assertEquals(error.path, "/missing");
    for (const path of ["/second", "/third/file"]) {
      await assertFails(driver.stat(path), "path_not_found");
    }
  },

  "apply fails with invalid_path where a path breaks the rule": async (driver) => {
    await putPaths(driver, "/from");
    const content = toBytes("x");
    const invalid = [
      { path: "/a/../b", content },
      { path: "/a/", source: "/from" },
      { path: "/b", source: "from" },
    ];
    for (const change of invalid) {
      await assertFails(applyChanges(driver, [change]), "invalid_path");
    }
    assertEquals(await driver.list("/"), ["/from"]);
  },

  "apply at once into the same folders keeps them all": async (driver) => {
    const names = Array.from({ length: 32 }, (_, index) => `${index}`);
    await Promise.all(names.map((name) =>
      applyChanges(driver, [
        { path: `/blobs/${name}/data`, content: toBytes(name) },
        { path: `/links/${name}`, content: toBytes(name) },
        { path: "/links/last", content: toBytes(name) },
      ])
    ));
    for (const name of names) {
      assertEquals(await textAt(driver, `/blobs/${name}/data`), name);
      assertEquals(await textAt(driver, `/links/${name}`), name);
    }
    assertEquals(names.includes(await textAt(driver, "/links/last")), true);
    assertEquals((await driver.list("/links")).length, 33);
  },
} satisfies Record<string, DriverCase>;
