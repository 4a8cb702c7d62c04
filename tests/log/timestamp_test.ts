import { assertEquals, assertMatch } from "@std/assert";
import {
  formatClf,
  formatRfc3339,
  formatTimeOfDay,
  rememberSecond,
  zoneOffsetMinutes,
} from "../../src/log/timestamp.ts";

const TIME_MS = Date.UTC(2026, 0, 2, 15, 4, 5, 67);

Deno.test("formatRfc3339 writes the zone, or Z where there is none", () => {
  assertEquals(formatRfc3339(TIME_MS, 0), "2026-01-02T15:04:05.067Z");
  assertEquals(formatRfc3339(TIME_MS, 120), "2026-01-02T17:04:05.067+02:00");
  assertEquals(formatRfc3339(TIME_MS, -570), "2026-01-02T05:34:05.067-09:30");
});

Deno.test("formatRfc3339 takes the zone of the machine by default", () => {
  const written = formatRfc3339(TIME_MS);

  assertEquals(Date.parse(written), TIME_MS);
  assertEquals(written, formatRfc3339(TIME_MS, zoneOffsetMinutes(TIME_MS)));
});

Deno.test("formatClf writes Apache's form in the given zone", () => {
  assertEquals(formatClf(TIME_MS, 0), "02/Jan/2026:15:04:05 +0000");
  assertEquals(formatClf(TIME_MS, 630), "03/Jan/2026:01:34:05 +1030");
  assertEquals(formatClf(Date.UTC(2026, 11, 31), -60), "30/Dec/2026:23:00:00 -0100");
});

Deno.test("rememberSecond makes a text once a second, whichever way the clock goes", () => {
  let made = 0;
  const format = rememberSecond((timeMs) => {
    made++;
    return formatClf(timeMs, 0);
  });
  const times = [0, 999, 1000, 1999, 500, -1].map(format);

  assertEquals(times.map((text) => text.slice(12, 20)), [
    "00:00:00",
    "00:00:00",
    "00:00:01",
    "00:00:01",
    "00:00:00",
    "23:59:59",
  ]);
  assertEquals(made, 4);
});

Deno.test("formatTimeOfDay writes hours to milliseconds", () => {
  assertEquals(formatTimeOfDay(TIME_MS, 60), "16:04:05.067");
  assertMatch(formatTimeOfDay(TIME_MS), /^\d\d:\d\d:\d\d\.067$/);
});
