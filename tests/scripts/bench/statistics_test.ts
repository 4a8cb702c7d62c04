import { assertEquals, assertThrows } from "@std/assert";
import { median, spread, summarize } from "../../../scripts/bench/statistics.ts";

Deno.test("median takes the middle, or the mean of two", () => {
  assertEquals(median([3, 1, 2]), 2);
  assertEquals(median([4, 1, 2, 3]), 2.5);
  assertThrows(() => median([]), RangeError);
});

Deno.test("summarize takes the maximum of peaks", () => {
  assertEquals(summarize([3, 1, 8]), { value: 3, min: 1, max: 8, rounds: 3 });
  assertEquals(summarize([3, 1, 8], "max").value, 8);
});

Deno.test("spread is a part of the value", () => {
  assertEquals(spread(summarize([90, 100, 110])), 0.2);
  assertEquals(spread(summarize([0, 0])), 0);
});
