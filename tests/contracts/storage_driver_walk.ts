import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import type { FileInfo, StorageDriver, WalkOptions } from "../../src/drivers/driver.ts";
import { assertFails, type DriverCase, putPaths } from "./storage_driver_case.ts";

/** Names around the slash, which `-` and `.` come before and digits and letters after. */
const FILES = [
  "/base/a/1",
  "/base/a/b/2",
  "/base/a-b/3",
  "/base/a.b",
  "/base/a0",
  "/base/A/4",
  "/base/b/c/d/5",
  "/base-2/6",
];

const ORDER = [
  "/base/A",
  "/base/A/4",
  "/base/a",
  "/base/a/1",
  "/base/a/b",
  "/base/a/b/2",
  "/base/a-b",
  "/base/a-b/3",
  "/base/a.b",
  "/base/a0",
  "/base/b",
  "/base/b/c",
  "/base/b/c/d",
  "/base/b/c/d/5",
];

/** Where a walk may start, and the first path that it then yields. */
const STARTS: Readonly<Record<string, string | undefined>> = {
  "/": "/base/A",
  "/base": "/base/A",
  "/base/": "/base/A",
  "/anything": "/base/A",
  "/base-1": undefined,
  "/bas": "/base/A",
  "/bat": undefined,
  "/base/0": "/base/A",
  "/base/A": "/base/A/4",
  "/base/A/4": "/base/a",
  "/base/A/4/below": "/base/a",
  "/base/a": "/base/a/1",
  "/base/a/0": "/base/a/1",
  "/base/a/a": "/base/a/b",
  "/base/a/b/2": "/base/a-b",
  "/base/a/é": "/base/a-b",
  "/base/a-": "/base/a-b",
  "/base/a-a/z": "/base/a-b",
  "/base/a0": "/base/b",
  "/base/b/c/d/5": undefined,
  "/base/z": undefined,
};

/** Walks below folders, in order. */
export const WALK_CASES = {
  "walk yields folders before their children, sorted by name": async (driver) => {
    await putPaths(driver, ...FILES);
    assertEquals(await pathsOf(driver, "/base"), ORDER);
    assertEquals(await pathsOf(driver, "/base/b"), ORDER.slice(-3));
    assertEquals(await pathsOf(driver, "/"), ["/base", ...ORDER, "/base-2", "/base-2/6"]);
  },

  "walk tells of each path what stat does": async (driver) => {
    await putPaths(driver, ...FILES);
    for await (const info of driver.walk("/")) assertEquals(info, await driver.stat(info.path));
  },

  "walk fails with path_not_found where there is no folder": async (driver) => {
    await putPaths(driver, "/a/file");
    for (const path of ["/b", "/a/b", "/a/file"]) {
      await assertFails(pathsOf(driver, path), "path_not_found");
      await assertFails(pathsOf(driver, path, { startAfter: "/z" }), "path_not_found");
    }
  },

  "walk stays out of the folders that enter refuses": async (driver) => {
    await putPaths(driver, ...FILES);
    const asked: string[] = [];
    function enter({ path, isDirectory }: FileInfo): boolean {
      assert(isDirectory);
      asked.push(path);
      return !["/base/a", "/base/b/c"].includes(path);
    }
    assertEquals(await pathsOf(driver, "/base", { enter }), [
      "/base/A",
      "/base/A/4",
      "/base/a",
      "/base/a-b",
      "/base/a-b/3",
      "/base/a.b",
      "/base/a0",
      "/base/b",
      "/base/b/c",
    ]);
    assertEquals(asked, ["/base/A", "/base/a", "/base/a-b", "/base/b", "/base/b/c"]);
  },

  "walk ends when the loop is left": async (driver) => {
    await putPaths(driver, ...FILES);
    const seen: string[] = [];
    for await (const { path } of driver.walk("/base")) {
      seen.push(path);
      if (path === "/base/a/b") break;
    }
    assertEquals(seen, ORDER.slice(0, 5));
  },

  "walk starts behind startAfter": async (driver) => {
    await putPaths(driver, ...FILES);
    for (const [startAfter, first] of Object.entries(STARTS)) {
      const expected = first === undefined ? [] : ORDER.slice(ORDER.indexOf(first));
      assertEquals(await pathsOf(driver, "/base", { startAfter }), expected, startAfter);
    }
  },

  "walk with startAfter goes on with what enter allows": async (driver) => {
    await putPaths(driver, ...FILES);
    const enter = ({ path }: FileInfo) => path !== "/base/a";
    const all = await pathsOf(driver, "/base", { enter });
    for (const startAfter of ["/base/a", "/base/a/1", "/base/a/b/2"]) {
      const rest = all.slice(all.indexOf("/base/a") + 1);
      assertEquals(await pathsOf(driver, "/base", { enter, startAfter }), rest, startAfter);
    }
  },

  "walk leaves out what vanishes meanwhile": async (driver) => {
    await putPaths(driver, ...FILES);
    const seen: string[] = [];
    for await (const { path } of driver.walk("/base")) {
      if (path === "/base/A") await driver.delete("/base/a.b");
      if (path === "/base/a") await driver.delete("/base/a");
      if (path === "/base/b") await driver.delete("/base/b/c");
      seen.push(path);
    }
    const gone = ["/base/a/1", "/base/a/b", "/base/a/b/2", "/base/a.b"];
    const expected = ORDER.filter((path) => !gone.includes(path) && !path.startsWith("/base/b/"));
    assertEquals(seen, expected);
  },

  "walk keeps its order on any tree, from any start": async (driver) => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(TREE, fc.array(PLACE, { maxLength: 5 }), async (files, starts) => {
        const root = `/${round++}`;
        await putPaths(driver, ...files.map((names) => pathOf(root, names)));
        const model = modelOf(files);
        assertEquals(await pathsOf(driver, root), model.map((names) => pathOf(root, names)));
        for (const start of starts) {
          const rest = model.filter((names) => compare(names, start) > 0);
          const startAfter = pathOf(root, start);
          const walked = await pathsOf(driver, root, { startAfter });
          assertEquals(walked, rest.map((names) => pathOf(root, names)), startAfter);
        }
      }),
      { numRuns: 25 },
    );
  },
} satisfies Record<string, DriverCase>;

const NAME = fc.constantFrom("a", "a-b", "a.b", "a0", "ab", "B", "-", "_", "0", ".x");
const PLACE = fc.array(NAME, { minLength: 1, maxLength: 4 });

/** Files, no one of them below another. */
const TREE = fc.array(PLACE, { minLength: 1, maxLength: 12 }).map((files) =>
  files.filter((names) => !files.some((other) => isBelow(other, names)))
).filter((files) => files.length > 0);

function isBelow(names: readonly string[], folder: readonly string[]): boolean {
  return names.length > folder.length && folder.every((name, depth) => names[depth] === name);
}

/** Every file and folder once, in the order of a walk. */
function modelOf(files: readonly (readonly string[])[]): (readonly string[])[] {
  const all = files.flatMap((names) => names.map((_, depth) => names.slice(0, depth + 1)));
  const unique = new Map(all.map((names) => [names.join("/"), names]));
  return [...unique.values()].sort(compare);
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [depth, name] of a.entries()) {
    const other = b[depth];
    if (other === undefined || name > other) return 1;
    if (name < other) return -1;
  }
  return a.length - b.length;
}

function pathOf(root: string, names: readonly string[]): string {
  return [root, ...names].join("/");
}

async function pathsOf(
  driver: StorageDriver,
  root: string,
  options?: WalkOptions,
): Promise<string[]> {
  return await Array.fromAsync(driver.walk(root, options), ({ path }) => path);
}
