import { assertEquals } from "@std/assert";
import { CollectorLease } from "../../src/storage/collector_lease.ts";
import { DriverDouble } from "./_doubles.ts";
import { ManualTimers } from "../support/manual_timers.ts";

Deno.test("CollectorLease.take gives the lease to one, until it is released", async () => {
  const driver = new DriverDouble();
  const clock = new ManualTimers();
  const lease = (holder: string) =>
    new CollectorLease(driver, { holder, expiresAfterMs: 1000, clock });
  const [first, second] = [lease("first"), lease("second")];
  assertEquals([await first.take(), await second.take()], [true, false]);
  await first.release();
  assertEquals([await second.take(), await first.isHeld()], [true, false]);
});

Deno.test("CollectorLease.take waits for a holder that renews, and not for one that is gone", async () => {
  const driver = new DriverDouble();
  const clock = new ManualTimers();
  const lease = (holder: string) =>
    new CollectorLease(driver, { holder, expiresAfterMs: 1000, clock });
  const [first, second] = [lease("first"), lease("second")];
  await first.take();
  for (let beat = 0; beat < 5; beat++) {
    assertEquals(await second.take(), false);
    await clock.pass(900);
    assertEquals(await first.renew(), true);
  }
  assertEquals(await second.take(), false);
  await clock.pass(1000);
  assertEquals(await second.take(), true);
  assertEquals(await first.renew(), false);
});
