import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { formatUploadRange, parseContentRange } from "../../src/api/content_range.ts";

Deno.test("parseContentRange reads first and last byte", () => {
  assertEquals(parseContentRange("0-0"), { offset: 0, length: 1 });
  assertEquals(parseContentRange("5-9"), { offset: 5, length: 5 });
  assertEquals(parseContentRange(" 0005-9 "), { offset: 5, length: 5 });
});

Deno.test("parseContentRange tells a range that runs backwards", () => {
  assertEquals(parseContentRange("1-0"), "inverted");
  assertEquals(parseContentRange("10-9"), "inverted");
});

const MALFORMED = [
  "",
  "-",
  "5",
  "5-",
  "-5",
  "-1-5",
  "0--5",
  "+0-5",
  "0-5-6",
  "0 - 5",
  "a-b",
  "0x0-0x5",
  "1e3-2e3",
  "0-5/6",
  "bytes 0-5/6",
  "bytes 0-5/*",
  "bytes=0-5",
  "bytes */6",
  "0-5,6-7",
  "٠-٥",
  `0-${"9".repeat(16)}`,
  `${2n ** 63n}-${2n ** 63n}`,
  "9".repeat(65_536),
];

for (const header of MALFORMED) {
  Deno.test(`parseContentRange refuses ${JSON.stringify(header.slice(0, 40))}`, () => {
    assertEquals(parseContentRange(header), "malformed");
  });
}

Deno.test("parseContentRange reads back what was written", () => {
  const number = fc.nat({ max: 999_999_999_999_999 });
  fc.assert(fc.property(number, number, (first, last) => {
    const expected = last < first ? "inverted" : { offset: first, length: last - first + 1 };
    assertEquals(parseContentRange(`${first}-${last}`), expected);
  }));
});

Deno.test("formatUploadRange names the last byte, and 0 where there is none", () => {
  assertEquals([0, 1, 2, 5_000_000_000].map(formatUploadRange), [
    "0-0",
    "0-0",
    "0-1",
    "0-4999999999",
  ]);
});
