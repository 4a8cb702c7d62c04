import { assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { escapeQuoted, escapeUnprintable } from "../../src/log/escape.ts";

Deno.test("escapeQuoted escapes as Go's strconv.Quote does", () => {
  const cases: [text: string, escaped: string][] = [
    ["plain text, with /signs?", "plain text, with /signs?"],
    ['say "hi"', 'say \\"hi\\"'],
    ["back\\slash", "back\\\\slash"],
    ["\x07\b\f\n\r\t\v", "\\a\\b\\f\\n\\r\\t\\v"],
    ["\x00\x1b[31m\x7f", "\\x00\\x1b[31m\\x7f"],
    ["größe 大 😀", "größe 大 😀"],
    ["a\u00a0b\u2028c\ufeff", "a\\u00a0b\\u2028c\\ufeff"],
    ["\u{e0001}", "\\U000e0001"],
    ["\ud800", "\\ud800"],
  ];
  for (const [text, escaped] of cases) assertEquals(escapeQuoted(text), escaped);
});

Deno.test("escapeQuoted keeps any text on one line and inside its quotes", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const escaped = escapeQuoted(text);

    assertMatch(escaped, /^(?:[^"\\\p{C}\p{Zl}\p{Zp}]|\\["\\abfnrtvxuU])*$/u);
  }));
});

Deno.test("escapeUnprintable leaves quotes alone", () => {
  assertEquals(escapeUnprintable('a "b" \\ \x1b[2J'), 'a "b" \\ \\x1b[2J');
});
