import { assertEquals } from "@std/assert";
import { Pace } from "../../../src/drivers/filesystem/_pace.ts";

/** A pace, and a call that takes as long as it is told. */
function paceAndCall() {
  let nowMs = 0;
  const pace = new Pace(() => nowMs);
  const take = (durationMs: number) => {
    nowMs += durationMs;
    return durationMs;
  };
  return { pace, take };
}

Deno.test("Pace.isQuick holds until a call was slow", () => {
  const { pace, take } = paceAndCall();
  assertEquals(pace.isQuick, true);
  assertEquals(pace.measure(() => take(0.5)), 0.5);
  assertEquals(pace.isQuick, true);
  pace.measure(() => take(20));
  assertEquals(pace.isQuick, false);
});

Deno.test("Pace.isQuick holds again after a call by a thread was quick", async () => {
  const { pace, take } = paceAndCall();
  pace.measure(() => take(20));
  assertEquals(await pace.measure(() => Promise.resolve().then(() => take(20))), 20);
  assertEquals(pace.isQuick, false);
  await pace.measure(() => Promise.resolve().then(() => take(0.1)));
  assertEquals(pace.isQuick, true);
});

Deno.test("Pace.measure passes a failure on", () => {
  const { pace } = paceAndCall();
  let message = "";
  try {
    pace.measure(() => {
      throw new Error("no luck");
    });
  } catch (error) {
    message = error instanceof Error ? error.message : "";
  }
  assertEquals(message, "no luck");
});
