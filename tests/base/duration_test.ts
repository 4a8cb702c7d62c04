import { assertAlmostEquals, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { formatDuration, parseDuration } from "../../src/base/duration.ts";

const MEANT: Readonly<Record<string, number>> = {
  "0": 0,
  "+0": 0,
  "-0": 0,
  "1ns": 1e-6,
  "1us": 1e-3,
  "1µs": 1e-3,
  "1μs": 1e-3,
  "5ms": 5,
  "3s": 3000,
  "2m": 120_000,
  "1h": 3_600_000,
  "168h": 604_800_000,
  "1h30m": 5_400_000,
  "1h30m5.5s": 5_405_500,
  "1m1h": 3_660_000,
  "1.5h": 5_400_000,
  ".5s": 500,
  "1.s": 1000,
  "-1.5s": -1500,
  "+2s": 2000,
  "0s": 0,
  "00012s": 12_000,
};

const MEANINGLESS = [
  "",
  " ",
  "1",
  "-",
  "s",
  ".s",
  ".",
  "1 s",
  " 1s",
  "1s ",
  "1S",
  "1d",
  "1s-1m",
  "--1s",
  "1e3s",
  "1,5s",
  "0x1s",
  "1h30",
  "1m\n",
  "Infinitys",
  "١s",
];

const WRITTEN: Readonly<Record<string, number>> = {
  "0s": 0,
  "1ms": 1,
  "1.5ms": 1.5,
  "1s": 1000,
  "1.5s": 1500,
  "1m0s": 60_000,
  "1m30s": 90_000,
  "1h0m0s": 3_600_000,
  "168h0m0s": 604_800_000,
  "1h1m1.001s": 3_661_001,
  "-1m30s": -90_000,
};

Deno.test("parseDuration reads Go's units", () => {
  for (const [text, expectedMs] of Object.entries(MEANT)) {
    const readMs = parseDuration(text);
    assertAlmostEquals(readMs ?? NaN, expectedMs, 1e-9, text);
  }
});

Deno.test("parseDuration refuses what Go refuses", () => {
  for (const text of MEANINGLESS) assertEquals(parseDuration(text), undefined, text);
});

Deno.test("formatDuration writes as Go does", () => {
  for (const [text, durationMs] of Object.entries(WRITTEN)) {
    assertEquals(formatDuration(durationMs), text);
  }
});

Deno.test("parseDuration reads what formatDuration writes", () => {
  const durations = fc.integer({ min: -1e12, max: 1e12 });
  fc.assert(fc.property(durations, (durationMs) => {
    assertAlmostEquals(parseDuration(formatDuration(durationMs)) ?? NaN, durationMs, 1e-3);
  }));
});
