import { assertEquals } from "@std/assert";
import { folderInfo } from "../../src/drivers/folder_info.ts";

Deno.test("folderInfo claims neither a time nor a length", () => {
  const expected = { path: "/a", sizeBytes: 0, modifiedAtMs: 0, isDirectory: true };
  assertEquals(folderInfo("/a"), expected);
});
