import { assertEquals, assertRejects } from "@std/assert";
import type { FileInfo } from "../../src/drivers/driver.ts";
import { walkListed } from "../../src/drivers/walk_listed.ts";

function info(path: string, isDirectory = false): FileInfo {
  return { path, sizeBytes: isDirectory ? 0 : path.length, modifiedAtMs: 1, isDirectory };
}

const FOLDERS: Readonly<Record<string, readonly FileInfo[]>> = {
  "/": [info("/b"), info("/a", true)],
  "/a": [info("/a/c", true), info("/a/b")],
  "/a/c": [info("/a/c/d")],
};

Deno.test("walkListed tells what the listings told, and asks for each folder once", async () => {
  const asked: string[] = [];
  const list = (path: string) => {
    asked.push(path);
    return Promise.resolve(FOLDERS[path] ?? []);
  };

  const walked = await Array.fromAsync(walkListed(list, "/"));

  assertEquals(walked.map(({ path, sizeBytes }) => `${path} ${sizeBytes}`), [
    "/a 0",
    "/a/b 4",
    "/a/c 0",
    "/a/c/d 6",
    "/b 2",
  ]);
  assertEquals(asked, ["/", "/a", "/a/c"]);
  assertEquals(await Array.fromAsync(walkListed(list, "/", { startAfter: "/a/c" })), [
    info("/a/c/d"),
    info("/b"),
  ]);
});

Deno.test("walkListed fails as the first listing does", async () => {
  const list = () => Promise.reject(new Error("missing"));
  await assertRejects(() => Array.fromAsync(walkListed(list, "/a")), Error, "missing");
});
