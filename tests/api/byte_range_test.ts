import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  type ByteRange,
  formatContentRange,
  MAX_RANGES,
  parseRange,
} from "../../src/api/byte_range.ts";

const SIZE = 1_000;

const WELL_FORMED: readonly (readonly [string, ReturnType<typeof parseRange>])[] = [
  ["bytes=0-0", [{ offset: 0, length: 1 }]],
  ["bytes=500-999", [{ offset: 500, length: 500 }]],
  ["bytes=500-", [{ offset: 500, length: 500 }]],
  ["bytes=-500", [{ offset: 500, length: 500 }]],
  ["bytes=0-", [{ offset: 0, length: 1_000 }]],
  ["bytes=900-5000", [{ offset: 900, length: 100 }]],
  ["bytes=-5000", [{ offset: 0, length: 1_000 }]],
  [`bytes=999-${"9".repeat(400)}`, [{ offset: 999, length: 1 }]],
  [`bytes=-${"9".repeat(400)}`, [{ offset: 0, length: 1_000 }]],
  ["BYTES=0-0", [{ offset: 0, length: 1 }]],
  ["bytes= 0 - 0 ", [{ offset: 0, length: 1 }]],
  ["bytes=0-1,\t5-6 , -2", [
    { offset: 0, length: 2 },
    { offset: 5, length: 2 },
    { offset: 998, length: 2 },
  ]],
  ["bytes=,,0-1,,", [{ offset: 0, length: 2 }]],
  // Neither sorted nor joined: clients match parts to what they asked for by their order.
  ["bytes=10-19,0-9,5-14", [
    { offset: 10, length: 10 },
    { offset: 0, length: 10 },
    { offset: 5, length: 10 },
  ]],
  ["bytes=0-1,1000-,2000-3000,-0", [{ offset: 0, length: 2 }]],
  ["bytes=1000-", "unsatisfiable"],
  ["bytes=5000-10000", "unsatisfiable"],
  [`bytes=${"9".repeat(400)}-`, "unsatisfiable"],
  ["bytes=-0", "unsatisfiable"],
  ["bytes=1000-,-0", "unsatisfiable"],
  ["bytes=0-,0-", undefined],
  ["bytes=-1,0-", undefined],
  ["bytes=", undefined],
  ["bytes=, ,", undefined],
  ["items=0-5", undefined],
  ["none=", undefined],
];

for (const [header, expected] of WELL_FORMED) {
  Deno.test(`parseRange reads ${JSON.stringify(header.slice(0, 40))}`, () => {
    assertEquals(parseRange(header, SIZE), expected);
  });
}

const MALFORMED = [
  "",
  "bytes",
  "bytes 0-1",
  "=0-1",
  "by tes=0-1",
  "bytes=500-0",
  "bytes=0-1,5-4",
  "bytes=-",
  "bytes=5",
  "bytes=a-b",
  "bytes=0-1;2-3",
  "bytes=--5",
  "bytes=-5-",
  "bytes=+1-2",
  "bytes=0x1-0x2",
  "bytes=1.0-2.0",
  "bytes=1-2-3",
  "bytes=1 0-20",
  "bytes=bytes=0-1",
];

for (const header of MALFORMED) {
  Deno.test(`parseRange refuses ${JSON.stringify(header)}`, () => {
    assertEquals(parseRange(header, SIZE), "malformed");
  });
}

Deno.test("parseRange sends empty content as a whole", () => {
  for (const header of ["bytes=0-", "bytes=0-0", "bytes=-5", "bytes=-0", "bytes=5-"]) {
    assertEquals(parseRange(header, 0), undefined);
  }
  assertEquals(parseRange("bytes=x", 0), "malformed");
});

function headerOf(count: number): string {
  return `bytes=${Array.from({ length: count }, (_, index) => `${2 * index}-${2 * index}`)}`;
}

Deno.test("parseRange takes as many parts as clients ask for, and sends the whole beyond", () => {
  for (const count of [1_024, MAX_RANGES]) {
    assertEquals(partsOf(parseRange(headerOf(count), 1_000_000)).length, count);
  }
  assertEquals(parseRange(headerOf(MAX_RANGES + 1), 1_000_000), undefined);
});

/** What one range text asks for, byte by byte. */
function bytesOf([first, last]: readonly [number | "", number | ""]): readonly number[] {
  const all = Array.from({ length: SIZE }, (_, index) => index);
  if (first === "") return last === "" || last === 0 ? [] : all.slice(-last);
  return all.filter((index) => index >= first && (last === "" || index <= last));
}

Deno.test("parseRange agrees with a model that counts bytes one by one", () => {
  const number = fc.oneof(fc.nat({ max: SIZE + 10 }), fc.constantFrom(0, 1, SIZE - 1, SIZE));
  const bound = fc.oneof(number, fc.constant("" as const));
  const small = number.chain((first) =>
    fc.nat({ max: 50 }).map((more) => [first, first + more] as const)
  );
  const texts = fc.array(fc.oneof(small, fc.tuple(bound, bound)), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(texts, (asked) => {
      const answer = parseRange(`bytes=${asked.map((bounds) => bounds.join("-"))}`, SIZE);
      const wrong = asked.some(([first, last]) => {
        return first === "" ? last === "" : last !== "" && last < first;
      });
      const parts = asked.map(bytesOf).filter((bytes) => bytes.length > 0);
      if (wrong) assertEquals(answer, "malformed");
      else if (parts.length === 0) assertEquals(answer, "unsatisfiable");
      else if (parts.flat().length > SIZE) assertEquals(answer, undefined);
      else assertEquals(partsOf(answer).map(expand), parts);
    }),
    { numRuns: 500 },
  );
});

/** The parts of an answer that has some. */
function partsOf(answer: ReturnType<typeof parseRange>): readonly ByteRange[] {
  if (typeof answer !== "object") throw new Error(`Expected parts, found ${answer}`);
  return answer;
}

function expand({ offset, length }: ByteRange): readonly number[] {
  return Array.from({ length }, (_, index) => offset + index);
}

Deno.test("parseRange never throws, and never gives more than the content", () => {
  const near = fc.string({ unit: fc.constantFrom(..."0159-, =b") }).map((text) => `bytes=${text}`);
  const header = fc.oneof(near, fc.string({ unit: "binary" }));
  fc.assert(fc.property(header, fc.nat({ max: 100 }), (text, sizeBytes) => {
    const answer = parseRange(text, sizeBytes);
    if (typeof answer !== "object") return;
    let sum = 0;
    for (const { offset, length } of answer) {
      assert(offset >= 0 && length > 0 && offset + length <= sizeBytes);
      sum += length;
    }
    assert(sum > 0 && sum <= sizeBytes);
  }));
});

Deno.test("parseRange answers for 1 MiB of anything", () => {
  for (const piece of ["0", "0-", "0-0,", ",", " ", "\t-", "0-0", "=", "-1,"]) {
    const text = piece.repeat(Math.ceil(1_048_576 / piece.length));
    for (const header of [text, `bytes=${text}`, `bytes=0-${text}`]) parseRange(header, 5_000_000);
  }
});

Deno.test("formatContentRange names first and last byte and the length of all", () => {
  const range: ByteRange = { offset: 500, length: 500 };
  assertEquals(formatContentRange(range, 1_000), "bytes 500-999/1000");
  assertEquals(formatContentRange({ offset: 0, length: 1 }, 1), "bytes 0-0/1");
});
