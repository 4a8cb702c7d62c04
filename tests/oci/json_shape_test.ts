import { assert, assertEquals } from "@std/assert";
import {
  findMisspelt,
  isDeeperThan,
  isJsonObject,
  isStringList,
  isStringMap,
  spellings,
} from "../../src/oci/json_shape.ts";

Deno.test("isJsonObject tells objects from everything else", () => {
  for (const value of [{}, { a: 1 }]) assert(isJsonObject(value));
  for (const value of [null, [], "a", 1, true, undefined]) assert(!isJsonObject(value));
});

Deno.test("isStringList and isStringMap look at every entry", () => {
  for (const value of [[], ["a", ""]]) assert(isStringList(value));
  for (const value of [{}, "a", ["a", 1], [null]]) assert(!isStringList(value));
  for (const value of [{}, { a: "" }]) assert(isStringMap(value));
  for (const value of [[], "a", { a: "", b: 1 }, { a: null }, { a: ["b"] }]) {
    assert(!isStringMap(value));
  }
});

Deno.test("isDeeperThan counts objects and lists alike", () => {
  assert(!isDeeperThan("a", 0));
  assert(isDeeperThan([], 0));
  assert(!isDeeperThan({ a: [1, { b: 2 }] }, 3));
  assert(isDeeperThan({ a: [1, { b: 2 }] }, 2));
});

Deno.test("isDeeperThan looks no deeper than it must", () => {
  const text = '{"a":'.repeat(1_000_000) + "1" + "}".repeat(1_000_000);
  assert(isDeeperThan(JSON.parse(text), 100));
});

Deno.test("findMisspelt finds names that Go would take for known ones", () => {
  const known = spellings(["mediaType", "digest", "links"]);
  const found = (object: Record<string, unknown>) => findMisspelt(object, known);
  assertEquals(found({ mediaType: 1, digest: 2, other: 3, "": 4 }), undefined);
  assertEquals(found({ mediaType: 1, MediaType: 2 }), { found: "MediaType", meant: "mediaType" });
  assertEquals(found({ "dige\u017ft": 1 }), { found: "dige\u017ft", meant: "digest" });
  assertEquals(found({ "lin\u212as": 1 }), { found: "lin\u212as", meant: "links" });
});
