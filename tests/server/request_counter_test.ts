import { assertEquals } from "@std/assert";
import { RequestCounter } from "../../src/server/request_counter.ts";

Deno.test("RequestCounter.whenIdle resolves at once where nothing runs", async () => {
  const counter = new RequestCounter();

  await counter.whenIdle();

  assertEquals(counter.running, 0);
});

Deno.test("RequestCounter.whenIdle waits for the last request", async () => {
  const counter = new RequestCounter();
  let idle = false;
  counter.begin();
  counter.begin();
  const waiting = counter.whenIdle().then(() => idle = true);

  counter.end();
  await Promise.resolve();
  assertEquals([counter.running, idle], [1, false]);
  counter.end();
  await waiting;

  assertEquals([counter.running, idle], [0, true]);
});
