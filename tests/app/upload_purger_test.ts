import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { UploadPurger } from "../../src/app/upload_purger.ts";
import { toBytes } from "../../src/base/bytes.ts";
import { isPathNotFound, type StorageDriver } from "../../src/drivers/driver.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { UPLOAD_INSTRUMENTS } from "../../src/metrics/instruments/upload_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { uploadPath, uploadStartedAtPath } from "../../src/storage/paths.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const MINUTE_MS = 60_000;
const CONFIG = { enabled: true, ageMs: 10 * MINUTE_MS, intervalMs: 5 * MINUTE_MS, dryRun: false };
const log = getLogger(["stowage", "test"]);

async function begin(driver: StorageDriver, id: string, atMs: number): Promise<void> {
  const path = uploadStartedAtPath("foo", id);
  await driver.putContent(path, toBytes(new Date(atMs).toISOString()));
}

async function exists(driver: StorageDriver, id: string): Promise<boolean> {
  try {
    await driver.stat(uploadPath("foo", id));
    return true;
  } catch (error) {
    if (isPathNotFound(error)) return false;
    throw error;
  }
}

Deno.test("UploadPurger removes what is old, again and again, after a random first wait", async () => {
  const driver = new InMemoryDriver();
  const timers = new ManualTimers();
  await begin(driver, "first", 0);
  await begin(driver, "second", 25 * MINUTE_MS);
  const purger = new UploadPurger(driver, {
    config: CONFIG,
    log,
    random: () => 0.5,
    timers,
    clock: timers,
  });

  await timers.pass(29 * MINUTE_MS);
  assertEquals([await exists(driver, "first"), await exists(driver, "second")], [true, true]);
  await timers.pass(1 * MINUTE_MS);
  assertEquals([await exists(driver, "first"), await exists(driver, "second")], [false, true]);
  await timers.pass(6 * MINUTE_MS);
  assertEquals(await exists(driver, "second"), false);

  purger.close();
  assertEquals(timers.waiting, 0);
});

Deno.test("UploadPurger counts its runs and what they did", async () => {
  const driver = new InMemoryDriver();
  const timers = new ManualTimers();
  await begin(driver, "first", 0);
  const meter = createMeter();
  const parts = { log, random: () => 0, timers, clock: timers, meter };
  const dry = new UploadPurger(driver, { config: { ...CONFIG, dryRun: true }, ...parts });
  const { purgedAt, purged, purgeRuns } = UPLOAD_INSTRUMENTS;
  assertEquals(sumOf(meter.snapshot(), purgedAt), 0);

  await timers.pass(60 * MINUTE_MS);
  dry.close();
  const real = new UploadPurger(driver, { config: CONFIG, ...parts });
  await timers.pass(0);
  real.close();
  driver.list = driver.walk = () => {
    throw new Error("no disk");
  };
  const failing = new UploadPurger(driver, { config: CONFIG, ...parts });
  await timers.pass(0);
  failing.close();

  const snapshot = meter.snapshot();
  assertEquals(sumOf(snapshot, purged, { result: "would_purge" }), 1);
  assertEquals(sumOf(snapshot, purged, { result: "purged" }), 1);
  assertEquals(sumOf(snapshot, purged, { result: "failed" }), 0);
  assertEquals(sumOf(snapshot, purgeRuns, { result: "ok" }), 2);
  assertEquals(sumOf(snapshot, purgeRuns, { result: "failed" }), 1);
  assertEquals(sumOf(snapshot, purgedAt), 60 * 60);
});

Deno.test("UploadPurger removes nothing in a dry run, and does nothing where it is off", async () => {
  const driver = new InMemoryDriver();
  const timers = new ManualTimers();
  await begin(driver, "first", 0);
  const parts = { log, random: () => 0, timers, clock: timers };
  const dry = new UploadPurger(driver, { config: { ...CONFIG, dryRun: true }, ...parts });
  const off = new UploadPurger(driver, { config: { ...CONFIG, enabled: false }, ...parts });

  await timers.pass(60 * MINUTE_MS);

  assertEquals(timers.waiting, 1);
  assertEquals(await exists(driver, "first"), true);
  dry.close();
  off.close();
});
