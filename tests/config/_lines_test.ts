import { assertEquals } from "@std/assert";
import { findLines } from "../../src/config/_lines.ts";

function linesOf(text: string): Record<string, number> {
  return Object.fromEntries(findLines(text));
}

Deno.test("findLines follows the indentation of mappings", () => {
  assertEquals(linesOf("a:\n  # c: x\n\n  b: 1\n  'c d': 2\n  \"e\":\n    f: 3\ng: 4\n"), {
    "a": 1,
    "a.b": 4,
    "a.c d": 5,
    "a.e": 6,
    "a.e.f": 7,
    "g": 8,
  });
});

Deno.test("findLines counts the items of lists, indented or not", () => {
  assertEquals(linesOf("a:\n- b: 1\n  c: 2\n- b: 3\nd:\n  - - x\n    - y\n  - z\n"), {
    "a": 1,
    "a[0]": 2,
    "a[0].b": 2,
    "a[0].c": 3,
    "a[1]": 4,
    "a[1].b": 4,
    "d": 5,
    "d[0]": 6,
    "d[0][0]": 6,
    "d[0][1]": 7,
    "d[1]": 8,
  });
});

Deno.test("findLines passes over blocks of text", () => {
  assertEquals(linesOf("a: |\n  b: 1\n  - c\nd: >-\n  e: 2\n\n  f: 3\ng: 1\r\nh: x\n"), {
    "a": 1,
    "d": 4,
    "g": 8,
    "h": 9,
  });
});
