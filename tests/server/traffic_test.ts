import { assert, assertEquals, assertFalse } from "@std/assert";
import { Traffic } from "../../src/server/traffic.ts";

Deno.test("Traffic.begin counts a request until it is both handled and sent", async () => {
  const traffic = new Traffic();
  const sent = Promise.withResolvers<void>();

  const done = traffic.begin("GET", sent.promise);
  done();
  await Promise.resolve();
  assertEquals(traffic.running.running, 1);
  sent.resolve();
  await traffic.running.whenIdle();

  assertEquals(traffic.running.running, 0);
});

Deno.test("Traffic.begin counts a request whose client has gone until it is handled", async () => {
  const traffic = new Traffic();

  const done = traffic.begin("GET", Promise.reject(new Error("gone")));
  await Promise.resolve();
  assertEquals(traffic.running.running, 1);
  done();
  await traffic.running.whenIdle();

  assertEquals(traffic.running.running, 0);
});

Deno.test("Traffic.begin counts what may still be on its way here until it is handled", () => {
  const traffic = new Traffic();
  const begin = (method: string) => traffic.begin(method, new Promise(() => {}));

  const ends = ["GET", "HEAD", "PATCH", "PUT", "POST"].map(begin);
  assertEquals([traffic.running.running, traffic.receiving.running], [5, 3]);
  for (const end of ends) end();

  assertEquals([traffic.running.running, traffic.receiving.running], [5, 0]);
});

Deno.test("Traffic.refuse is for good", () => {
  const traffic = new Traffic();

  assertFalse(traffic.isRefused);
  traffic.refuse();

  assert(traffic.isRefused);
});
