import { assertEquals } from "@std/assert";
import { GarbageCollector } from "../../src/app/garbage_collector.ts";
import { COLLECTOR_STATE } from "../../src/storage/paths.ts";
import { statIfPresent } from "../../src/storage/if_present.ts";
import { TestRegistry } from "../api/_registry.ts";
import { isStored } from "../storage/_collecting.ts";
import { SILENT } from "../storage/_doubles.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const CONFIG = { enabled: true, intervalMs: 10_000, graceMs: 5_000, deleteUntagged: false };

/** Lets time pass in small steps, so that each run comes to its end. */
async function pass(timers: ManualTimers, durationMs: number): Promise<void> {
  for (let passed = 0; passed < durationMs; passed += 500) await timers.pass(500);
}

Deno.test("GarbageCollector collects at its interval, and of two replicas one", async () => {
  const registry = new TestRegistry();
  const garbage = await registry.pushBlob("foo", "garbage");
  // Files are dated by the machine's clock, so the collectors' own goes on from there.
  const timers = new ManualTimers(Date.now() + 60_000);
  const options = { config: CONFIG, log: SILENT, timers, clock: timers, random: () => 0.5 };
  const collectors = [1, 2].map(() => new GarbageCollector(registry.driver, options));
  await pass(timers, 3_000);
  assertEquals(await statIfPresent(registry.driver, COLLECTOR_STATE) !== undefined, true);
  await pass(timers, 40_000);
  assertEquals(await isStored(registry.driver, garbage), true);
  for (const collector of collectors) await collector.close();
});

Deno.test("GarbageCollector that is not enabled does nothing", async () => {
  const registry = new TestRegistry();
  const timers = new ManualTimers();
  const config = { ...CONFIG, enabled: false };
  const collector = new GarbageCollector(registry.driver, { config, log: SILENT, timers });
  assertEquals(timers.waiting, 0);
  await collector.close();
});
