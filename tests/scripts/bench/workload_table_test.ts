import { assertEquals } from "@std/assert";
import { PLANS } from "../../../scripts/bench/plan.ts";
import { TARGETS } from "../../../scripts/bench/targets.ts";
import { GROUPS } from "../../../scripts/bench/workload.ts";
import {
  FIGURES,
  select,
  type Selection,
  SMALL_WORKLOADS,
} from "../../../scripts/bench/workload_table.ts";

function namesOf({ small, grown }: Selection): string[] {
  return [...small, ...grown].map(({ name }) => name);
}

Deno.test("FIGURES have names of their own, and none is a group's", () => {
  const names = [...FIGURES.keys()];
  assertEquals(names.length >= SMALL_WORKLOADS.length, true);
  assertEquals(names.filter((name) => Object.hasOwn(GROUPS, name)), []);
  assertEquals(names.filter((name) => !/^[a-z0-9-]+$/.test(name)), []);
  assertEquals(new Set(SMALL_WORKLOADS.map(({ name }) => name)).size, SMALL_WORKLOADS.length);
});

Deno.test("FIGURES include every target, and a quick run all of them but one", () => {
  const wanted = TARGETS.map(({ figure }) => figure);
  assertEquals(wanted.filter((name) => !FIGURES.has(name)), []);
  const later = wanted.filter((name) => (FIGURES.get(name)?.from ?? "quick") !== "quick");
  assertEquals(later, ["memory-uploads"]);
});

Deno.test("select goes by the plan", () => {
  const quick = namesOf(select(PLANS.quick, []));
  const full = namesOf(select(PLANS.full, []));
  assertEquals([quick.includes("push-1mb-1"), full.includes("push-1mb-1")], [false, true]);
  assertEquals([quick.includes("memory-uploads"), full.includes("memory-uploads")], [false, true]);
});

Deno.test("select takes a figure whatever the plan, a group as far as the plan goes", () => {
  assertEquals(namesOf(select(PLANS.quick, ["memory-uploads"])), ["memory-uploads"]);
  assertEquals(namesOf(select(PLANS.quick, ["memory", "start-empty"])), [
    "start-empty",
    "memory-rest",
    "memory-peak",
  ]);
});
