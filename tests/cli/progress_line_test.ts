import { assertEquals } from "@std/assert";
import { ProgressLine, renderProgress } from "../../src/cli/progress_line.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { FakeOutput } from "./_fake_surroundings.ts";

Deno.test("renderProgress draws a bar where the end is known", () => {
  assertEquals(renderProgress({ step: "mark", done: 7 }), "mark: 7");
  const half = `remove [${"#".repeat(15)}${"-".repeat(15)}] 50 % (1/2)`;
  assertEquals(renderProgress({ step: "remove", done: 1, total: 2 }), half);
});

Deno.test("ProgressLine.show writes seldom, and clear takes the line away", async () => {
  const output = new FakeOutput();
  const clock = new ManualTimers();
  const line = new ProgressLine(output, clock);
  for (let done = 1; done <= 1000; done++) line.show({ step: "mark", done });
  await line.clear();
  assertEquals(output.text, "\r\x1b[2Kmark: 1\r\x1b[2K");
});
