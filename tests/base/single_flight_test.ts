import { assertEquals, assertRejects } from "@std/assert";
import { SingleFlight } from "../../src/base/single_flight.ts";

Deno.test("SingleFlight runs one task for all who ask meanwhile", async () => {
  const flights = new SingleFlight<string>();
  const { promise, resolve } = Promise.withResolvers<string>();
  let runs = 0;
  function task(): Promise<string> {
    runs++;
    return promise;
  }
  const answers = [flights.run("key", task), flights.run("key", task), flights.run("key", task)];
  resolve("answer");
  assertEquals(await Promise.all(answers), ["answer", "answer", "answer"]);
  assertEquals(runs, 1);
});

Deno.test("SingleFlight runs a task for each key", async () => {
  const flights = new SingleFlight<string>();
  const answers = ["a", "b"].map((key) => flights.run(key, () => Promise.resolve(key)));
  assertEquals(await Promise.all(answers), ["a", "b"]);
});

Deno.test("SingleFlight runs the task again for who asks later", async () => {
  const flights = new SingleFlight<number>();
  let runs = 0;
  for (const expected of [1, 2, 3]) {
    assertEquals(await flights.run("key", () => Promise.resolve(++runs)), expected);
  }
});

Deno.test("SingleFlight shares a failure, and forgets it", async () => {
  const flights = new SingleFlight<string>();
  const answers = [1, 2].map(() => flights.run("key", () => Promise.reject(new Error("no luck"))));
  for (const answer of answers) await assertRejects(() => answer, Error, "no luck");
  assertEquals(await flights.run("key", () => Promise.resolve("luck")), "luck");
});
