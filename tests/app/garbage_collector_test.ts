import { assertEquals } from "@std/assert";
import { GarbageCollector } from "../../src/app/garbage_collector.ts";
import { COLLECTION_INSTRUMENTS } from "../../src/metrics/instruments/collection_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
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

/** A collector, and how many runs it has ended well. */
function startReplica(registry: TestRegistry, timers: ManualTimers) {
  const meter = createMeter();
  const options = { config: CONFIG, log: SILENT, timers, clock: timers, random: () => 0.5, meter };
  const collector = new GarbageCollector(registry.driver, options);
  const runs = () =>
    meter.snapshot().filter(({ instrument }) => instrument === COLLECTION_INSTRUMENTS.runs)
      .flatMap(({ series }) => series)
      .reduce((sum, { values: [count = 0] }) => sum + count, 0);
  return { collector, runs };
}

Deno.test("GarbageCollector collects at its interval, and of replicas only one at a time", async () => {
  const registry = new TestRegistry();
  const garbage = await registry.pushBlob("foo", "garbage");
  // Files are dated by the machine's clock, so the collectors' own goes on from there.
  const timers = new ManualTimers(Date.now() + 60_000);
  const replicas = [1, 2, 3].map(() => startReplica(registry, timers));
  const total = () => replicas.reduce((sum, { runs }) => sum + runs(), 0);
  await pass(timers, 3_000);
  // All were due at the same moment.
  assertEquals(total(), 1);
  assertEquals(await statIfPresent(registry.driver, COLLECTOR_STATE) !== undefined, true);
  await pass(timers, 40_000);
  assertEquals(total(), 5);
  assertEquals(await isStored(registry.driver, garbage), true);
  for (const { collector } of replicas) await collector.close();
});

Deno.test("GarbageCollector is taken over from when it ends", async () => {
  const registry = new TestRegistry();
  const timers = new ManualTimers(Date.now() + 60_000);
  const replicas = [1, 2].map(() => startReplica(registry, timers));
  await pass(timers, 3_000);
  const first = replicas.find(({ runs }) => runs() === 1);
  const second = replicas.find(({ runs }) => runs() === 0);
  await first?.collector.close();
  await pass(timers, 40_000);
  assertEquals([first?.runs(), second?.runs()], [1, 4]);
  await second?.collector.close();
});

Deno.test("GarbageCollector that is not enabled does nothing", async () => {
  const registry = new TestRegistry();
  const timers = new ManualTimers();
  const config = { ...CONFIG, enabled: false };
  const collector = new GarbageCollector(registry.driver, { config, log: SILENT, timers });
  assertEquals(timers.waiting, 0);
  await collector.close();
});
