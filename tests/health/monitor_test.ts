import { assertEquals } from "@std/assert";
import { configureSync, getLogger } from "@logtape/logtape";
import type { HealthCheck } from "../../src/health/check.ts";
import { HealthMonitor } from "../../src/health/monitor.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const log = getLogger(["stowage", "test"]);

/** A check whose answer a test sets. */
class SetCheck implements HealthCheck {
  readonly name: string;
  readonly intervalMs = 10;
  readonly threshold: number;
  reason: string | undefined;

  constructor(name: string, threshold: number) {
    this.name = name;
    this.threshold = threshold;
  }

  run(): Promise<void> {
    return this.reason === undefined ? Promise.resolve() : Promise.reject(new Error(this.reason));
  }
}

Deno.test("HealthMonitor is healthy until the first answer", () => {
  const check = new SetCheck("a", 0);
  check.reason = "broken";
  const monitor = new HealthMonitor([check], { log, timers: new ManualTimers() });

  assertEquals(monitor.failures, undefined);
  monitor.close();
});

Deno.test("HealthMonitor counts failures in a row up to the threshold", async () => {
  const timers = new ManualTimers();
  const check = new SetCheck("a", 3);
  const monitor = new HealthMonitor([check], { log, timers });
  const history: boolean[] = [];

  for (const reason of ["x", "x", undefined, "x", "x", "x", undefined]) {
    check.reason = reason;
    await timers.pass(10);
    history.push(monitor.failures === undefined);
  }

  assertEquals(history, [true, true, true, true, true, false, true]);
  monitor.close();
});

Deno.test("HealthMonitor names the checks that fail, with their reasons", async () => {
  const timers = new ManualTimers();
  const checks = [new SetCheck("a", 0), new SetCheck("b", 1), new SetCheck("c", 1)];
  const monitor = new HealthMonitor(checks, { log, timers });
  for (const check of checks.slice(0, 2)) check.reason = `${check.name} is down`;

  await timers.pass(10);

  assertEquals(monitor.failures, { a: "a is down", b: "b is down" });
  monitor.close();
});

Deno.test("HealthMonitor asks no more once it is closed", async () => {
  const timers = new ManualTimers();
  const monitor = new HealthMonitor([new SetCheck("a", 0)], { log, timers });

  await timers.pass(10);
  assertEquals(timers.waiting, 1);
  monitor.close();

  assertEquals(timers.waiting, 0);
});

Deno.test("HealthMonitor writes a line at each change, and none at a poll that finds the same", async () => {
  const lines: unknown[] = [];
  configureSync({
    reset: true,
    sinks: { lines: ({ rawMessage, properties }) => void lines.push([rawMessage, properties]) },
    loggers: [
      { category: ["stowage"], sinks: ["lines"], lowestLevel: "info" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  const timers = new ManualTimers();
  const check = new SetCheck("a", 1);
  const monitor = new HealthMonitor([check], { log, timers });
  for (const reason of [undefined, "gone", "gone", "gone", undefined, undefined]) {
    check.reason = reason;
    await timers.pass(10);
  }
  assertEquals(lines, [
    ["health check fails", { "health.check": "a", "health.reason": "gone" }],
    ["health check passes again", { "health.check": "a" }],
  ]);
  monitor.close();
});
