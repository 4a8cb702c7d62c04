import { assertEquals } from "@std/assert";
import { Missing } from "../../src/proxy/copies.ts";
import { ManualTimers } from "../support/manual_timers.ts";

Deno.test("Missing remembers for as long as it is told", async () => {
  const clock = new ManualTimers();
  const missing = new Missing({ clock, durationMs: 1000 });
  missing.add("a:v1");
  assertEquals(missing.has("a:v1"), true);
  assertEquals(missing.has("a:v2"), false);
  await clock.pass(1000);
  assertEquals(missing.has("a:v1"), false);
});

Deno.test("Missing remembers nothing where that is wanted", () => {
  const missing = new Missing({ clock: new ManualTimers(), durationMs: 0 });
  missing.add("a");
  assertEquals(missing.has("a"), false);
});
