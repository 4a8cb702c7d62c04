import { assertEquals } from "@std/assert";
import { DeliveryProgress } from "../../src/notifications/delivery_progress.ts";

Deno.test("DeliveryProgress gives what happened once, and nothing where nothing did", () => {
  const progress = new DeliveryProgress(0);
  const positions = { 0: 1 };
  assertEquals(progress.take(positions, 0)?.Events, 0);
  assertEquals(progress.take(positions, 0), undefined);

  progress.count("Events", 2);
  progress.countStatus("200 OK");
  progress.countStatus("200 OK");

  const counts = { Events: 2, Successes: 0, Failures: 0, Errors: 0, statuses: { "200 OK": 2 } };
  assertEquals(progress.take(positions, 50), counts);
  assertEquals(progress.take(positions, 50), undefined);
  assertEquals([progress.isDue(149), progress.isDue(150)], [false, true]);
});
