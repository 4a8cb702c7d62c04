import { assertEquals } from "@std/assert";
import { PartBudget } from "../../src/drivers/part_budget.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const MIB = 1024 * 1024;

/** Takes a share and tells when it came. */
function take(budget: PartBudget, filled: () => number = () => 0) {
  const state = { taken: false };
  const share = budget.take(5, filled).then((share) => {
    state.taken = true;
    return share;
  });
  return { state, share };
}

Deno.test("PartBudget makes parts wait for each other's memory", async () => {
  const timers = new ManualTimers();
  const budget = new PartBudget({ limitBytes: 10, timers });
  const first = await take(budget).share;
  const second = await take(budget).share;
  const third = take(budget);
  await timers.pass(1000);
  assertEquals(third.state.taken, false);
  first.giveBack();
  first.giveBack();
  await third.share;
  const fourth = take(budget);
  await timers.pass(1000);
  assertEquals(fourth.state.taken, false);
  second.giveBack();
  await fourth.share;
});

Deno.test("PartBudget does not count parts of clients that are slow, but those that are sent", async () => {
  const timers = new ManualTimers();
  const budget = new PartBudget({ limitBytes: 10, timers });
  let filledBytes = 0;
  const growing = await take(budget, () => filledBytes).share;
  const sent = await take(budget).share;
  sent.fill();
  const waiting = take(budget);
  for (let look = 0; look < 3; look++) {
    filledBytes += MIB;
    await timers.pass(10_000);
  }
  assertEquals(waiting.state.taken, false);
  await timers.pass(10_000);
  assertEquals(waiting.state.taken, true);
  growing.giveBack();
  sent.giveBack();
});

Deno.test("PartBudget gives parts the memory of earlier ones again, as far as the limit goes", () => {
  const budget = new PartBudget({ limitBytes: 10, timers: new ManualTimers() });
  const [a, b, c] = [budget.borrow(5), budget.borrow(5), budget.borrow(5)];
  for (const buffer of [a, b, c]) budget.giveBack(buffer);
  assertEquals(budget.borrow(6).byteLength, 6);
  assertEquals([budget.borrow(5) === a, budget.borrow(5) === b], [true, true]);
  assertEquals(budget.borrow(5) === c, false);
});
