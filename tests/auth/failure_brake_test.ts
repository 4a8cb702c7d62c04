import { assertEquals } from "@std/assert";
import { FailureBrake } from "../../src/auth/failure_brake.ts";
import { ManualTimers } from "../support/manual_timers.ts";

function fail(brake: FailureBrake, times: number): void {
  for (let time = 0; time < times; time++) brake.failed("a");
}

Deno.test("FailureBrake delays an address that fails again and again, and no other", () => {
  const brake = new FailureBrake(new ManualTimers());

  fail(brake, 4);
  assertEquals(brake.delayMs("a"), 0);
  fail(brake, 1);
  assertEquals(brake.delayMs("a"), 250);
  fail(brake, 2);
  assertEquals(brake.delayMs("a"), 1000);
  fail(brake, 1000);
  assertEquals([brake.delayMs("a"), brake.delayMs("b")], [8000, 0]);
});

Deno.test("FailureBrake forgets half of the failures each minute", async () => {
  const timers = new ManualTimers();
  const brake = new FailureBrake(timers);
  fail(brake, 12);

  await timers.pass(59_000);
  assertEquals(brake.delayMs("a"), 8000);
  await timers.pass(1000);
  assertEquals(brake.delayMs("a"), 500);
  await timers.pass(60_000);
  assertEquals(brake.delayMs("a"), 0);
});
