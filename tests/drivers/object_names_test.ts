import { assertEquals } from "@std/assert";
import { ObjectNames } from "../../src/drivers/object_names.ts";

Deno.test("ObjectNames names objects below a root, whatever slashes are around it", () => {
  for (const rootDirectory of ["some/root", "/some/root", "/some/root//"]) {
    const names = ObjectNames.below(rootDirectory);
    assertEquals(names.root, "some/root/");
    assertEquals(names.nameOf("/a/b"), "some/root/a/b");
    assertEquals(names.prefixOf("/a"), "some/root/a/");
    assertEquals(names.prefixOf("/"), "some/root/");
    assertEquals(names.pathOf("some/root/a/b"), "/a/b");
  }
});

Deno.test("ObjectNames has no root where none is configured", () => {
  for (const rootDirectory of ["", "/", "//"]) {
    const names = ObjectNames.below(rootDirectory);
    assertEquals([names.root, names.nameOf("/a"), names.prefixOf("/"), names.pathOf("a/b")], [
      "",
      "a",
      "",
      "/a/b",
    ]);
  }
});

Deno.test("ObjectNames.with puts more before each name", () => {
  const names = ObjectNames.below("root").with("/");
  assertEquals(names.nameOf("/a"), "root//a");
  assertEquals(names.pathOf("root//a"), "/a");
});
