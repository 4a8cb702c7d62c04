import { assertEquals } from "@std/assert";
import { isReached, targetOf } from "../../../scripts/bench/targets.ts";

Deno.test("targetOf goes by the size where the target has one", () => {
  assertEquals(targetOf("tags-first-page", 100), undefined);
  assertEquals(targetOf("tags-first-page", 100_000)?.atMost, 50);
  assertEquals(targetOf("grown-start", 100)?.atMost, 600);
  assertEquals(targetOf("manifest-head-tag"), undefined);
});

Deno.test("isReached compares ratios and limits", () => {
  const atLeast = { figure: "a", ratio: 2 };
  assertEquals(isReached(atLeast, { value: 1, ratio: 2 }), true);
  assertEquals(isReached(atLeast, { value: 100, ratio: 1.99 }), false);
  assertEquals(isReached(atLeast, { value: 100 }), undefined);
  const atMost = { figure: "a", atMost: 50 };
  assertEquals(isReached(atMost, { value: 50 }), true);
  assertEquals(isReached(atMost, { value: 51, ratio: 9 }), false);
});
