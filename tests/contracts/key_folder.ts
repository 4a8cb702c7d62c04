import { assertEquals } from "@std/assert";
import type { KeyFolder } from "../../src/auth/key_folder.ts";

/** Tries what every folder of keys promises, on an empty one. */
export async function testKeyFolder(folder: KeyFolder): Promise<void> {
  assertEquals([await folder.list(), await folder.read("a.json")], [[], undefined]);
  await folder.remove("a.json");

  await folder.write("a.json", "1");
  await folder.write("b_-9.json", "2");
  await folder.write("a.json", "3");
  assertEquals([...await folder.list()].sort(), ["a.json", "b_-9.json"]);
  assertEquals([await folder.read("a.json"), await folder.read("b_-9.json")], ["3", "2"]);

  await folder.remove("a.json");
  assertEquals([await folder.list(), await folder.read("a.json")], [["b_-9.json"], undefined]);
}
