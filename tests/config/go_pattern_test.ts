import { assert, assertEquals } from "@std/assert";
import { compileGoPattern } from "../../src/config/go_pattern.ts";

function matches(pattern: string, text: string): boolean {
  const result = compileGoPattern(pattern);
  if ("reason" in result) throw new Error(`${pattern}: ${result.reason}`);
  return result.regexp.test(text);
}

Deno.test("compileGoPattern takes what both languages have", () => {
  assertEquals(matches("^https?://([^/]+\\.)?example\\.com/", "https://a.example.com/x"), true);
  assertEquals(matches("^https?://([^/]+\\.)?example\\.com/", "https://example.org/x"), false);
  assertEquals(matches("b", "abc"), true);
});

Deno.test("compileGoPattern reads flags at the beginning", () => {
  assertEquals(matches("(?i)^HTTPS:", "https:"), true);
  assertEquals(matches("(?is)a.b", "A\nB"), true);
  assertEquals(matches("(?m)^b$", "a\nb\nc"), true);
});

Deno.test("compileGoPattern rewrites what Go writes otherwise", () => {
  assertEquals(matches("(?P<host>[[:alpha:]]+)\\z", "x/abc"), true);
  assertEquals(matches("\\A[[:digit:][:punct:]]+\\z", "12-3"), true);
  assertEquals(matches("(?m)\\Ab\\z", "a\nb"), false);
  assertEquals(matches("\\[:alpha:]", "[:alpha:]"), true);
});

Deno.test("compileGoPattern refuses what JavaScript would misread", () => {
  const patterns = [
    "(?=a)",
    "(?!a)",
    "(?<=a)b",
    "(?<!a)b",
    "(a)\\1",
    "\\pL",
    "\\Qa\\E",
    "\\x{41}",
    "[[:^alpha:]]",
    "[[:nosuch:]]",
    "(?U)a",
    "(",
    "a**",
  ];
  for (const pattern of patterns) {
    const result = compileGoPattern(pattern);
    assert("reason" in result && result.reason !== "", pattern);
  }
  assertEquals(matches("\\x41\\.", "A."), true);
});
