import { assertEquals, assertRejects } from "@std/assert";
import { SharedMutex } from "../../src/base/shared_mutex.ts";

/** Lets everything run that can run without the outside world. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A task that notes when it begins and ends, and ends when it is told to. */
function makeTask(name: string, log: string[]) {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  async function run(): Promise<string> {
    log.push(`${name} begins`);
    await promise;
    log.push(`${name} ends`);
    return name;
  }
  return { run, end };
}

Deno.test("SharedMutex runs those that share a key side by side", async () => {
  const mutex = new SharedMutex();
  const log: string[] = [];
  const [a, b] = [makeTask("a", log), makeTask("b", log)];
  const runs = [mutex.share("key", a.run), mutex.share("key", b.run)];
  await settle();
  assertEquals(log, ["a begins", "b begins"]);
  b.end();
  a.end();
  assertEquals(await Promise.all(runs), ["a", "b"]);
});

Deno.test("SharedMutex runs one that is alone after all before and before all after", async () => {
  const mutex = new SharedMutex();
  const log: string[] = [];
  const names = ["a", "b", "alone", "next", "c", "d"];
  const tasks = names.map((name) => makeTask(name, log));
  const runs = tasks.map(({ run }, index) =>
    names[index] === "alone" || names[index] === "next"
      ? mutex.alone("key", run)
      : mutex.share("key", run)
  );
  for (const index of [1, 5, 4, 3, 2, 0]) {
    await settle();
    tasks[index]?.end();
  }
  assertEquals(await Promise.all(runs), names);
  assertEquals(log.slice(0, 4), ["a begins", "b begins", "b ends", "a ends"]);
  assertEquals(log.slice(4, 8), ["alone begins", "alone ends", "next begins", "next ends"]);
  assertEquals(log.slice(8, 10), ["c begins", "d begins"]);
});

Deno.test("SharedMutex lets holders of other keys run meanwhile", async () => {
  const mutex = new SharedMutex();
  const held = makeTask("held", []);
  const waiting = mutex.alone("a", held.run);
  assertEquals(await mutex.alone("b", () => Promise.resolve("done")), "done");
  held.end();
  await waiting;
});

Deno.test("SharedMutex goes on after tasks that failed", async () => {
  const mutex = new SharedMutex();
  const fail = () => Promise.reject(new Error("no luck"));
  const failed = [mutex.share("key", fail), mutex.alone("key", fail)];
  const next = mutex.share("key", () => Promise.resolve("done"));
  for (const run of failed) await assertRejects(() => run, Error, "no luck");
  assertEquals(await next, "done");
  assertEquals(await mutex.alone("key", () => Promise.resolve("again")), "again");
});
