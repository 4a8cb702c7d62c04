import { assertEquals, assertRejects } from "@std/assert";
import { forEachLimited } from "../../src/base/for_each_limited.ts";

Deno.test("forEachLimited runs each task, and no more at once than it may", async () => {
  const done: number[] = [];
  let running = 0;
  let most = 0;
  const two = Promise.withResolvers<void>();
  await forEachLimited([1, 2, 3, 4, 5], {
    limit: 2,
    async task(item) {
      most = Math.max(most, ++running);
      if (running === 2) two.resolve();
      await two.promise;
      running--;
      done.push(item);
    },
  });
  assertEquals([done.sort(), most], [[1, 2, 3, 4, 5], 2]);
});

Deno.test("forEachLimited ends with the first failure, and between tasks when it is told to", async () => {
  const begun: number[] = [];
  const failing = forEachLimited([1, 2, 3], {
    limit: 1,
    task: (item) => {
      begun.push(item);
      return item === 2 ? Promise.reject(new Error("two")) : Promise.resolve();
    },
  });
  await assertRejects(() => failing, Error, "two");
  const signal = AbortSignal.abort();
  await forEachLimited([4], {
    limit: 1,
    signal,
    task: (item) => Promise.resolve(void begun.push(item)),
  });
  assertEquals(begun, [1, 2]);
});
