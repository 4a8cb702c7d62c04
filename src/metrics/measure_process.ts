import process from "node:process";
import { PROCESS_INSTRUMENTS } from "./instruments/process_instruments.ts";
import type { Meter } from "./meter.ts";

const MICROSECONDS_PER_SECOND = 1e6;
const MS_PER_SECOND = 1000;

/** Lets `meter` tell of the process; for the meter of one thread of it. */
export function measureProcess(meter: Meter): void {
  const cpu = meter.counter(PROCESS_INSTRUMENTS.cpu).with();
  const memory = meter.gauge(PROCESS_INSTRUMENTS.residentMemory).with();
  const startedAt = meter.gauge(PROCESS_INSTRUMENTS.startedAt).with();
  startedAt.set(Math.floor(performance.timeOrigin / MS_PER_SECOND));
  let countedSeconds = 0;
  meter.beforeSnapshot(() => {
    const { user, system } = process.cpuUsage();
    const seconds = (user + system) / MICROSECONDS_PER_SECOND;
    cpu.add(seconds - countedSeconds);
    countedSeconds = seconds;
    memory.set(Deno.memoryUsage().rss);
  });
  if (Deno.build.os === "linux") measureFiles(meter);
}

function measureFiles(meter: Meter): void {
  const open = meter.gauge(PROCESS_INSTRUMENTS.openFiles).with();
  const max = meter.gauge(PROCESS_INSTRUMENTS.maxFiles).with();
  meter.beforeSnapshot(() => {
    try {
      open.set([...Deno.readDirSync("/proc/self/fd")].length);
      const limits = Deno.readTextFileSync("/proc/self/limits");
      max.set(Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? 0));
    } catch {
      // A container may hide the folder; the two values then stay as they were.
    }
  });
}
