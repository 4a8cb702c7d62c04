import { assertEquals } from "@std/assert";
import { Settler } from "../../src/notifications/settler.ts";
import { ManualTimers } from "../support/manual_timers.ts";

Deno.test("Settler settles at intervals, sooner while there is more, later after a failure", async () => {
  const timers = new ManualTimers();
  const reasons: string[] = [];
  const results = [true, false, "no disk", false];
  const thorough: boolean[] = [];
  let calls = 0;
  const settler = new Settler({
    settle({ isThorough }) {
      thorough.push(isThorough);
      const result = results[calls++];
      return typeof result === "string"
        ? Promise.reject(new Error(result))
        : Promise.resolve(result === true);
    },
  }, { onFailure: (reason) => reasons.push(reason), timers, clock: timers });

  const seen: number[] = [];
  for (const durationMs of [5, 5, 495, 5, 4500, 500]) {
    await timers.pass(durationMs);
    seen.push(calls);
  }

  assertEquals(seen, [1, 2, 2, 3, 3, 4]);
  assertEquals(thorough, [false, false, false, true]);
  assertEquals(reasons, ["no disk"]);
  await settler.close();
  assertEquals(timers.waiting, 0);
});
