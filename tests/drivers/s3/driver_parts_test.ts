/**
 * Sizes of parts and of copies.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { cutSpans, PART_LIMITS, partSize } from "../../../src/drivers/s3/_sizes.ts";

const MIB = 1024 * 1024;

Deno.test("S3 parts of 5 MiB at first make room for 5 TB, those of 5 GiB stay as they are", () => {
  let sizeBytes = 0;
  for (let part = 1; part <= PART_LIMITS.count; part++) sizeBytes += partSize(part, 5 * MIB);
  assertEquals(sizeBytes >= 5e12, true);
  assertEquals([1, 1000, 1001, 2001].map((part) => partSize(part, 5 * MIB) / MIB), [5, 5, 10, 20]);
  assertEquals(partSize(PART_LIMITS.count, PART_LIMITS.maxBytes), PART_LIMITS.maxBytes);
});

Deno.test("S3 copies cut objects into spans that join, 10,000 at most", () => {
  assertEquals(cutSpans(11, 5), [
    { first: 0, last: 4 },
    { first: 5, last: 9 },
    { first: 10, last: 10 },
  ]);
  assertEquals(cutSpans(10, 5).length, 2);
  assertEquals(cutSpans(0, 5), []);
  const spans = cutSpans(5e12, 32 * MIB);
  assertEquals(spans.length <= PART_LIMITS.count, true);
  assertEquals(spans.at(-1)?.last, 5e12 - 1);
});
