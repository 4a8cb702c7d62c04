import { assertEquals, assertRejects } from "@std/assert";
import { WatchedFile } from "../../src/auth/watched_file.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";

Deno.test("WatchedFile reads again what has changed, and looks once a second", async () => {
  await using temp = await TempFolder.make();
  const clock = new ManualTimers(1_000_000);
  const path = await temp.write("file", "1");
  let parsed = 0;
  const file = new WatchedFile(path, { clock, parse: (text) => `${text} ${++parsed}` });

  assertEquals(file.recent, undefined);
  assertEquals(await file.get(), "1 1");
  await temp.write("file", "22");
  assertEquals([file.recent, await file.get()], ["1 1", "1 1"]);
  await clock.pass(1000);
  assertEquals([file.recent, await file.get()], [undefined, "22 2"]);
  await clock.pass(1000);
  assertEquals(await file.get(), "22 2");
});

Deno.test("WatchedFile says nothing more once the file cannot be read", async () => {
  await using temp = await TempFolder.make();
  const clock = new ManualTimers(1_000_000);
  const path = await temp.write("file", "1");
  const parse = (text: string) => {
    if (text.includes("bad")) throw new RangeError("bad");
    return text;
  };
  const file = new WatchedFile(path, { clock, parse });
  await file.get();

  await temp.write("file", "bad");
  await clock.pass(1000);
  await assertRejects(() => file.get(), RangeError);
  assertEquals(file.recent, undefined);
  await assertRejects(() => file.get(), RangeError);
  await temp.write("file", "good");
  assertEquals(await file.get(), "good");
});
