import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Semaphore } from "../../src/base/semaphore.ts";

/** Lets everything run that can run without the outside world. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("Semaphore runs at most so many tasks at once", async () => {
  for (const limit of [1, 2, 5]) {
    const semaphore = new Semaphore(limit);
    let running = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        semaphore.run(async () => {
          most = Math.max(most, ++running);
          await settle();
          running--;
          return index;
        })),
    );
    assertEquals(most, limit);
    assertEquals(results, Array.from({ length: 20 }, (_, index) => index));
  }
});

Deno.test("Semaphore starts a task at once where there is room", () => {
  let started = false;
  const running = new Semaphore(1).run(() => {
    started = true;
    return Promise.resolve();
  });
  assertEquals(started, true);
  return running;
});

Deno.test("Semaphore starts those that wait in the order they came", async () => {
  const semaphore = new Semaphore(1);
  const started: number[] = [];
  await Promise.all([0, 1, 2, 3].map((index) =>
    semaphore.run(async () => {
      started.push(index);
      await settle();
    })
  ));
  assertEquals(started, [0, 1, 2, 3]);
});

Deno.test("Semaphore gives the place of a task that failed to the next", async () => {
  const semaphore = new Semaphore(1);
  const failed = semaphore.run(() => Promise.reject(new Error("no luck")));
  const next = semaphore.run(() => Promise.resolve("done"));
  await assertRejects(() => failed, Error, "no luck");
  assertEquals(await next, "done");
});

Deno.test("Semaphore refuses a limit that lets nothing run", () => {
  for (const limit of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Semaphore(limit), RangeError, `got "${limit}"`);
  }
});
