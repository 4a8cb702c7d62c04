import { assertEquals, assertRejects } from "@std/assert";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { type WalkableDriver, walkTree } from "../../src/drivers/walk_tree.ts";
import { putPaths } from "../contracts/storage_driver_case.ts";

/** A driver with some files that writes down what a walk asks of it. */
async function makeTree(): Promise<{ driver: WalkableDriver; asked: string[] }> {
  const inner = new InMemoryDriver();
  await putPaths(inner, "/r/a/x/1", "/r/a/y/2", "/r/b/x/3", "/r/b/y/4", "/r/c/5");
  const asked: string[] = [];
  const driver: WalkableDriver = {
    list(path) {
      asked.push(`list ${path}`);
      return inner.list(path);
    },
    stat(path) {
      asked.push(`stat ${path}`);
      return inner.stat(path);
    },
  };
  return { driver, asked };
}

Deno.test("walkTree does not look at what lies before startAfter", async () => {
  const { driver, asked } = await makeTree();
  const paths = await Array.fromAsync(
    walkTree(driver, "/r", { startAfter: "/r/b/x/9" }),
    ({ path }) => path,
  );
  assertEquals(paths, ["/r/b/y", "/r/b/y/4", "/r/c", "/r/c/5"]);
  assertEquals(asked.filter((call) => call.includes("/a") || call.includes("/3")), []);
  assertEquals(asked.slice(0, 5), [
    "list /r",
    "stat /r/b",
    "list /r/b",
    "stat /r/b/x",
    "list /r/b/x",
  ]);
});

Deno.test("walkTree looks at the first folder alone where startAfter lies behind it", async () => {
  const { driver, asked } = await makeTree();
  assertEquals(await Array.fromAsync(walkTree(driver, "/r/a", { startAfter: "/r/b" })), []);
  assertEquals(asked, ["list /r/a"]);
});

Deno.test("walkTree asks only for as much as its loop takes", async () => {
  const { driver, asked } = await makeTree();
  for await (const { path } of walkTree(driver, "/r")) {
    if (path === "/r/a/x") break;
  }
  assertEquals(asked, ["list /r", "stat /r/a", "list /r/a", "stat /r/a/x"]);
});

Deno.test("walkTree ends with an error that is not about a missing path", async () => {
  const { driver } = await makeTree();
  const broken: WalkableDriver = {
    list: (path) => driver.list(path),
    stat: (path) => path === "/r/b" ? Promise.reject(new Error("broken disk")) : driver.stat(path),
  };
  const seen: string[] = [];
  await assertRejects(
    async () => {
      for await (const { path } of walkTree(broken, "/r")) seen.push(path);
    },
    Error,
    "broken disk",
  );
  assertEquals(seen, ["/r/a", "/r/a/x", "/r/a/x/1", "/r/a/y", "/r/a/y/2"]);
});
