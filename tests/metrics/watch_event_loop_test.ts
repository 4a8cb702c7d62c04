import { assertEquals } from "@std/assert";
import { createMeter } from "../../src/metrics/meter.ts";
import { watchEventLoop } from "../../src/metrics/watch_event_loop.ts";
import { ManualTimers } from "../support/manual_timers.ts";

Deno.test("watchEventLoop counts how late its timer came, until it is ended", async () => {
  const timers = new ManualTimers();
  const meter = createMeter();
  const stop = watchEventLoop(meter, { timers, now: () => timers.now() });

  await timers.pass(500);
  await timers.pass(2000);
  stop();

  assertEquals(timers.waiting, 0);
  // Once in time, once 1.5 s late.
  assertEquals(meter.snapshot()[0]?.series[0]?.values, [1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1.5]);
});
