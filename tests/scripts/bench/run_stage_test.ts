import { assertEquals, assertGreaterOrEqual, assertRejects } from "@std/assert";
import { parseCpuMs } from "../../../scripts/bench/process_usage.ts";
import { ProgressBar } from "../../../scripts/bench/progress_bar.ts";
import { runStage } from "../../../scripts/bench/run_stage.ts";
import type { BenchServer } from "../../../scripts/bench/servers.ts";
import type { Stand, Workload } from "../../../scripts/bench/workload.ts";
import type { RegistryKind } from "../../support/servers.ts";
import { testWith } from "../../support/tools.ts";
import { CONTESTANT, standOf } from "./_stand.ts";

function fakeStand(kind: RegistryKind): Stand {
  const server: BenchServer = {
    contestant: { ...CONTESTANT, kind, title: kind },
    pid: Deno.pid,
    address: { hostname: "127.0.0.1", port: 1 },
    url: "",
    root: "",
    folder: "",
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return standOf(server);
}

function fakeWorkload(name: string, run: Workload["run"]): Workload {
  return { name, title: name, group: "requests", unit: "ms", better: "lower", run };
}

function silentProgress(): ProgressBar {
  const output = { isTerminal: false, columns: 80, write: () => {} };
  return new ProgressBar({ output, total: 1, now: () => 0 });
}

Deno.test("runStage takes a figure from all servers before the next, another one first each round", async () => {
  const order: string[] = [];
  const workloads = ["a", "b"].map((name) =>
    fakeWorkload(name, ({ server }) => {
      order.push(`${name} ${server.contestant.kind}`);
      return Promise.resolve({ value: order.length, operations: 0 });
    })
  );
  const stands = [fakeStand("stowage"), fakeStand("distribution3")];
  const { samples } = await runStage(stands, workloads, {
    rounds: 2,
    size: 10,
    progress: silentProgress(),
  });
  assertEquals(order, [
    "a stowage",
    "a distribution3",
    "b stowage",
    "b distribution3",
    "a distribution3",
    "a stowage",
    "b distribution3",
    "b stowage",
  ]);
  assertEquals(samples[5], { figure: "a", size: 10, server: "stowage", round: 2, value: 6 });
});

testWith(["linux"], {
  name: "runStage divides processor time by operations",
  fn: async () => {
    const usedMs = () => parseCpuMs(Deno.readTextFileSync(`/proc/${Deno.pid}/stat`));
    const busy = fakeWorkload("busy", () => {
      const untilMs = usedMs() + 60;
      while (usedMs() < untilMs);
      return Promise.resolve({ value: 1, operations: 2 });
    });
    const options = { rounds: 1, progress: silentProgress() };
    const { samples: [sample] } = await runStage([fakeStand("stowage")], [busy], options);
    assertGreaterOrEqual(sample?.cpuMs, 30);
  },
});

Deno.test("runStage leaves out what fails, once, and goes on", async () => {
  const failing = fakeWorkload("failing", () => Promise.reject(new Error("no such list")));
  const working = fakeWorkload("working", () => Promise.resolve({ value: 1, operations: 0 }));
  const { samples, leftOut } = await runStage([fakeStand("stowage")], [failing, working], {
    rounds: 2,
    size: 100,
    progress: silentProgress(),
  });
  assertEquals(samples.map(({ figure }) => figure), ["working", "working"]);
  assertEquals(leftOut, [{ what: "failing at 100, stowage", reason: "no such list" }]);
});

Deno.test("runStage ends when it is told to", async () => {
  const stop = new AbortController();
  const failing = fakeWorkload("failing", () => {
    stop.abort();
    return Promise.reject(new Error("broken off"));
  });
  const stand = { ...fakeStand("stowage"), signal: stop.signal };
  const options = { rounds: 2, progress: silentProgress() };
  await assertRejects(() => runStage([stand], [failing], options), DOMException, "aborted");
});
