/**
 * Sizes of parts, and the memory that they share.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { PartBudget } from "../../../src/drivers/s3/_part_budget.ts";
import { cutSpans, PART_LIMITS, partSize } from "../../../src/drivers/s3/_sizes.ts";
import { ManualTimers } from "../../support/manual_timers.ts";

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

/** Takes a share and tells when it came. */
function take(budget: PartBudget, filled: () => number = () => 0) {
  const state = { taken: false };
  const share = budget.take(5, filled).then((share) => {
    state.taken = true;
    return share;
  });
  return { state, share };
}

Deno.test("S3 parts wait for each other's memory", async () => {
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

Deno.test("S3 parts of clients that are slow keep nobody waiting, those that are sent do", async () => {
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

Deno.test("S3 parts get the memory of earlier ones again, as far as the limit goes", () => {
  const budget = new PartBudget({ limitBytes: 10, timers: new ManualTimers() });
  const [a, b, c] = [budget.borrow(5), budget.borrow(5), budget.borrow(5)];
  for (const buffer of [a, b, c]) budget.giveBack(buffer);
  assertEquals(budget.borrow(6).byteLength, 6);
  assertEquals([budget.borrow(5) === a, budget.borrow(5) === b], [true, true]);
  assertEquals(budget.borrow(5) === c, false);
});
