import { createHash } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import { PROCESS_INSTRUMENTS } from "../../src/metrics/instruments/process_instruments.ts";
import { measureProcess } from "../../src/metrics/measure_process.ts";
import { createMeter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";

Deno.test("measureProcess tells processor time, memory, start and open files", () => {
  const meter = createMeter();
  measureProcess(meter);
  const first = meter.snapshot();
  createHash("sha256").update(new Uint8Array(50_000_000)).digest();
  const second = meter.snapshot();

  assert(sumOf(first, PROCESS_INSTRUMENTS.cpu) > 0);
  assert(sumOf(second, PROCESS_INSTRUMENTS.cpu) > sumOf(first, PROCESS_INSTRUMENTS.cpu));
  assert(sumOf(first, PROCESS_INSTRUMENTS.residentMemory) > 1_000_000);
  assert(sumOf(first, PROCESS_INSTRUMENTS.startedAt) * 1000 <= Date.now());
  if (Deno.build.os === "linux") {
    assert(sumOf(first, PROCESS_INSTRUMENTS.openFiles) >= 3);
    assert(sumOf(first, PROCESS_INSTRUMENTS.maxFiles) >= 3);
  }
  const names = first.map(({ instrument }) => instrument.name);
  assertEquals(names.every((name) => name.startsWith("process_")), true);
});
