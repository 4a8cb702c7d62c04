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

  "apply moves a file with its folder, whatever else is where it comes from and goes": async (
    driver,
  ) => {
    await putPaths(
      driver,
      "/uploads/1/data",
      "/uploads/2/data",
      "/uploads/2/more",
      "/uploads/3/data",
    );
    await putPaths(driver, "/blobs/c/link", "/uploads/4/data", "/blobs/d/data", "/uploads/5/other");
    const names = [["1", "a"], ["2", "b"], ["3", "c"], ["4", "d"]] as const;
    for (const [from, to] of names) {
      const source = `/uploads/${from}/data`;
      await applyChanges(driver, [{ path: `/blobs/${to}/data`, source, withFolder: true }]);
      assertEquals(await textAt(driver, `/blobs/${to}/data`), source);
      await assertFails(driver.stat(source), "path_not_found");
    }
    const source = "/uploads/5/other";
    await applyChanges(driver, [{ path: "/blobs/e/data", source, withFolder: true }]);
    assertEquals(await driver.list("/blobs/a"), ["/blobs/a/data"]);
    assertEquals(await driver.list("/blobs/b"), ["/blobs/b/data"]);
    assertEquals(await driver.list("/blobs/e"), ["/blobs/e/data"]);
    assertEquals(await textAt(driver, "/uploads/2/more"), "/uploads/2/more");
    assertEquals((await driver.list("/blobs/c")).sort(), ["/blobs/c/data", "/blobs/c/link"]);
  },

  "apply of the same content with its folder at once keeps it": async (driver) => {
    const names = Array.from({ length: 16 }, (_, index) => `${index}`);
    for (const name of names) await putPaths(driver, `/uploads/${name}/data`);
    await Promise.all(names.map((name) => {
      const source = `/uploads/${name}/data`;
      return applyChanges(driver, [{ path: "/blobs/a/data", source, withFolder: true }]);
    }));
    const stored = await textAt(driver, "/blobs/a/data");
    assertEquals(names.map((name) => `/uploads/${name}/data`).includes(stored), true);
    for (const name of names) {
      await assertFails(driver.stat(`/uploads/${name}/data`), "path_not_found");
    }
  },

  "apply of nothing changes nothing": async (driver) => {
    await applyChanges(driver, []);
    assertEquals(await driver.list("/"), []);
  },

  "apply makes no change behind one that fails": async (driver) => {
    const changes = [
      { path: "/first", content: toBytes("first") },
      { path: "/second/data", source: "/missing/data", withFolder: true },
      { path: "/third/file", content: toBytes("third") },
    ];
    const error = await assertFails(applyChanges(driver, changes), "path_not_found");
    assertEquals(error.path, "/missing/data");
    for (const path of ["/second/data", "/second", "/third/file"]) {
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
