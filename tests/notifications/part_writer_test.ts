import { getLogger } from "@logtape/logtape";
import { assertEquals, assertThrows } from "@std/assert";
import { NOTIFICATION_INSTRUMENTS } from "../../src/metrics/instruments/notification_instruments.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { OutboxError } from "../../src/notifications/errors.ts";
import { PartWriter } from "../../src/notifications/part_writer.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";

const LOG = getLogger("test");

function row(sequence: number, isPull = false) {
  return { sequence, event: "{}", atMs: 0, isPull };
}

Deno.test("PartWriter tells of events at once, and of those that follow together", async () => {
  await using folder = await TempFolder.make();
  const timers = new ManualTimers();
  let told = 0;
  const writer = new PartWriter({
    path: folder.join("p"),
    maxBytes: Infinity,
    log: LOG,
    onEvents: () => told++,
    timers,
  });
  writer.append([row(1)]);
  assertEquals(told, 1);
  writer.append([row(2)]);
  writer.append([row(3)]);
  assertEquals(told, 1);
  await timers.pass(20);
  assertEquals(told, 2);
  await timers.pass(20);
  assertEquals(told, 2);
  await writer.sync();
  writer.close();
});

Deno.test("PartWriter counts what it cannot keep, by kind", async () => {
  await using folder = await TempFolder.make();
  const meter = createMeter();
  const writer = new PartWriter({
    path: folder.join("p"),
    maxBytes: 1,
    log: LOG,
    meter,
    onEvents() {},
  });
  writer.append([row(1, true)]);
  assertThrows(() => writer.append([row(2, true), row(3)]), OutboxError);

  const dropped = (kind: string) =>
    sumOf(meter.snapshot(), NOTIFICATION_INSTRUMENTS.dropped, { kind });
  assertEquals([dropped("pull"), dropped("other")], [2, 1]);
  writer.close();
});
