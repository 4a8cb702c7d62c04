import { assertEquals } from "@std/assert";
import { includes, PLANS, timesOf } from "../../../scripts/bench/plan.ts";

Deno.test("includes takes in what smaller runs do", () => {
  const names = ["quick", "standard", "full"] as const;
  assertEquals(names.map((name) => includes(PLANS[name], "quick")), [true, true, true]);
  assertEquals(names.map((name) => includes(PLANS[name], "full")), [false, false, true]);
});

Deno.test("timesOf never comes to nothing", () => {
  assertEquals([timesOf(PLANS.quick, 1), timesOf(PLANS.quick, 20), timesOf(PLANS.full, 20)], [
    1,
    10,
    20,
  ]);
});
