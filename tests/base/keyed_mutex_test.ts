import { assertEquals, assertRejects } from "@std/assert";
import { KeyedMutex } from "../../src/base/keyed_mutex.ts";

/** Lets everything run that can run without the outside world. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("KeyedMutex runs the tasks of one key in the order they came", async () => {
  const mutex = new KeyedMutex();
  const log: string[] = [];
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const runs = gates.map(({ promise }, index) =>
    mutex.run("key", async () => {
      log.push(`start ${index}`);
      await promise;
      log.push(`end ${index}`);
      return index;
    })
  );
  for (const gate of gates.toReversed()) {
    await settle();
    gate.resolve();
  }
  assertEquals(await Promise.all(runs), [0, 1, 2]);
  assertEquals(log, ["start 0", "end 0", "start 1", "end 1", "start 2", "end 2"]);
});

Deno.test("KeyedMutex lets tasks of other keys run meanwhile", async () => {
  const mutex = new KeyedMutex();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const waiting = mutex.run("a", () => gate);
  assertEquals(await mutex.run("b", () => Promise.resolve("done")), "done");
  open();
  await waiting;
});

Deno.test("KeyedMutex goes on after a task that failed", async () => {
  const mutex = new KeyedMutex();
  const failed = mutex.run("key", () => Promise.reject(new Error("no luck")));
  const next = mutex.run("key", () => Promise.resolve("done"));
  await assertRejects(() => failed, Error, "no luck");
  assertEquals(await next, "done");
  assertEquals(await mutex.run("key", () => Promise.resolve("again")), "again");
});

Deno.test("KeyedMutex lets a task wait for the turn of another key", async () => {
  const mutex = new KeyedMutex();
  const result = await mutex.run("a", () => mutex.run("b", () => Promise.resolve("inner")));
  assertEquals(result, "inner");
});
