import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import {
  parseCpuMs,
  parseMemory,
  readCpuMs,
  readMemory,
} from "../../../scripts/bench/process_usage.ts";
import { testWith } from "../../support/tools.ts";

Deno.test("parseCpuMs adds user and kernel time, whatever the program is called", () => {
  const stat = "42 (a) b (c) S 1 42 42 0 -1 4194304 500 0 0 0 12 34 0 0 20 0 9 0 100 5 6";
  assertEquals(parseCpuMs(stat), 460);
  assertThrows(() => parseCpuMs("42 (a) S"), Error, "Cannot read processor time");
});

Deno.test("parseMemory reads kilobytes", () => {
  const status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
  assertEquals(parseMemory(status), { residentBytes: 1024 ** 2, peakBytes: 2 * 1024 ** 2 });
  assertThrows(() => parseMemory("Name:\tx\n"), Error, "VmRSS");
});

testWith(["linux"], {
  name: "readMemory and readCpuMs read of a process that runs",
  fn: async () => {
    const { residentBytes, peakBytes } = await readMemory(Deno.pid);
    assertGreater(residentBytes, 1024 ** 2);
    assertGreater(peakBytes, residentBytes / 2);
    assertGreater(await readCpuMs(Deno.pid), 0);
  },
});
