import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { parseForwarded } from "../../src/api/forwarded.ts";

const READ: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["", {}],
  ["  ", {}],
  [" , host=a", {}],
  ["host=a", { host: "a" }],
  [" host = a ", { host: "a" }],
  ["\thost=a;\tproto=b", { host: "a", proto: "b" }],
  ["HoSt=A", { host: "A" }],
  ["host=a;", { host: "a" }],
  ["host=a; ", { host: "a" }],
  ["host=a, host=b", { host: "a" }],
  ["host=a,=;;", { host: "a" }],
  ['host="a:80"; p=" x y "', { host: "a:80", p: " x y " }],
  ['host="a;b,c=d"', { host: "a;b,c=d" }],
  ['host=""', { host: "" }],
  [String.raw`host="\"a\""`, { host: '"a"' }],
  [String.raw`host="\"\\\ "`, { host: '"\\ ' }],
  ['for="[2001:db8::17]:47011";host="[::1]:5000"', {
    for: "[2001:db8::17]:47011",
    host: "[::1]:5000",
  }],
  ["ob₷C&r€ = value", { "ob₷c&r€": "value" }],
  ["__proto__=a;constructor=b", { ["__proto__"]: "a", constructor: "b" }],
];

for (const [header, values] of READ) {
  Deno.test(`parseForwarded reads ${JSON.stringify(header)}`, () => {
    assertEquals(parseForwarded(header), new Map(Object.entries(values)));
  });
}

const REFUSED = [
  "host",
  "host=",
  "host= ",
  "host=,",
  "host=;",
  "=a",
  ";",
  ";host=a",
  "host=a;;",
  "host=a;,",
  "host=a;host=b",
  'host=a;HOST="b"',
  "host=a b",
  "host=a:80",
  "host=[::1]",
  'host="a',
  'host="a" b',
  String.raw`host="a\"`,
  'host="a\\\u0001"',
  '"host=a"',
  '"host"=a',
  "host=a\u0000",
  "ho\u0001st=a",
];

for (const header of REFUSED) {
  Deno.test(`parseForwarded refuses ${JSON.stringify(header)}`, () => {
    assertEquals(parseForwarded(header), undefined);
  });
}

const KEY = fc.string({
  unit: fc.constantFrom(..."abZ09-_!#$%&'*+.^`|~"),
  minLength: 1,
  maxLength: 4,
});
const VALUE = fc.string({ unit: fc.constantFrom(...'abZ0 ;,="\\\t:[]{}€') });
const BLANK = fc.constantFrom("", " ", "\t", "  ");

Deno.test("parseForwarded reads back whatever was written", () => {
  const pairs = fc.uniqueArray(fc.tuple(KEY, VALUE), {
    minLength: 1,
    maxLength: 4,
    selector: ([key]) => key.toLowerCase(),
  });
  fc.assert(fc.property(pairs, BLANK, fc.boolean(), (pairs, blank, quoteAll) => {
    const texts = pairs.map(([key, value]) => {
      const quoted = `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
      const plain = !quoteAll && /^[a-zA-Z0-9]+$/.test(value);
      return [key, "=", plain ? value : quoted].join(blank);
    });
    const expected = new Map(pairs.map(([key, value]) => [key.toLowerCase(), value]));
    assertEquals(parseForwarded(texts.join(`${blank};${blank}`)), expected);
    assertEquals(parseForwarded(`${blank}${texts.join(";")};${blank}`), expected);
    assertEquals(parseForwarded(`${texts.join(";")},${texts.join(";")}`), expected);
  }));
});

Deno.test("parseForwarded never throws", () => {
  const near = fc.string({ unit: fc.constantFrom(...'ab=;,"\\ \t€\u0000'), maxLength: 30 });
  fc.assert(fc.property(fc.oneof(near, fc.string({ unit: "binary" })), (header) => {
    const values = parseForwarded(header);
    assert(values === undefined || [...values.keys()].every((key) => key === key.toLowerCase()));
  }));
});

Deno.test("parseForwarded answers for 64 KiB of anything", () => {
  const pieces = ["a", " ", "a=", 'a="', "\\", 'a="\\', '\\"', ";", "a ", "a=b ", '"', "a=b;"];
  for (const piece of pieces) {
    const text = piece.repeat(65_536 / piece.length);
    for (const header of [text, `${text}!`, `a="${text}`, `a=${text}`, `a ${text}`]) {
      parseForwarded(header);
    }
  }
});
