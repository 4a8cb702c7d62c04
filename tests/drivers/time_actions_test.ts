import { assertEquals } from "@std/assert";
import { timeActions } from "../../src/drivers/time_actions.ts";
import { createMeter } from "../../src/metrics/meter.ts";

Deno.test("timeActions counts seconds by driver and action", () => {
  const meter = createMeter();
  const observe = timeActions(meter, "filesystem");

  observe("Stat", 2);
  observe("Stat", 20);
  observe("RedirectURL", 20_000);

  assertEquals(meter.snapshot()[0]?.series, [
    { labels: ["filesystem", "Stat"], values: [1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.022] },
    { labels: ["filesystem", "RedirectURL"], values: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 20] },
  ]);
});
