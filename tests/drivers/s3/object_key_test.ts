import { assertEquals } from "@std/assert";
import { objectKey } from "../../../src/drivers/s3/object_key.ts";

Deno.test("objectKey joins the root folder and the path, without slashes at its ends", () => {
  const cases = { "": "a/b", "/": "a/b", root: "root/a/b", "/some/root//": "some/root/a/b" };
  for (const [root, expected] of Object.entries(cases)) {
    assertEquals(objectKey(root, "/a/b"), expected);
  }
  assertEquals(objectKey("", "/"), "");
});
