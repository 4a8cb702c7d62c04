import { assert, assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { PasswordThread } from "../../src/auth/password_thread.ts";
import { LogRecorder } from "./_log.ts";

const HASH = hashSync("right", 4);

Deno.test("PasswordThread compares in the library's own thread", async () => {
  const { log, lines } = new LogRecorder();
  const thread = new PasswordThread({ log });

  const results = await Promise.all(
    ["right", "wrong", "right"].map((password) => thread.compare(password, HASH)),
  );
  thread.close();

  assertEquals([results, lines], [[true, false, true], []]);
});

Deno.test("PasswordThread compares in the program's entry", async () => {
  const { log, lines } = new LogRecorder();
  const thread = new PasswordThread({ log, entry: import.meta.resolve("../../src/main.ts") });

  assert(await thread.compare("right", HASH));
  assert(!await thread.compare("wrong", HASH));
  thread.close();
  assertEquals(lines, []);
});

Deno.test("PasswordThread compares here where there is no thread to be had", async () => {
  const { log, lines } = new LogRecorder();
  const thread = new PasswordThread({ log, entry: "data:text/javascript,throw new Error('gone')" });

  assertEquals(
    await Promise.all([thread.compare("right", HASH), thread.compare("wrong", HASH)]),
    [true, false],
  );
  assert(await thread.compare("right", HASH));
  thread.close();
  assertEquals(lines.map(({ level }) => level), ["error"]);
});

Deno.test("PasswordThread starts another thread after one has failed", async () => {
  const { log } = new LogRecorder();
  // It answers what it is asked first, and fails at anything else.
  const source = `postMessage("ready"); onmessage = ({ data }) => {
    if (data.id !== 1 && data.id !== 3) throw new Error("a bug");
    postMessage({ id: data.id, isEqual: true });
  };`;
  const entry = `data:text/javascript,${encodeURIComponent(source)}`;
  const thread = new PasswordThread({ log, entry });

  assert(await thread.compare("a", HASH));
  await assertRejects(() => thread.compare("b", HASH), Error, "Cannot compare passwords");
  assert(await thread.compare("c", HASH));
  thread.close();
});

Deno.test("PasswordThread.close ends what is being compared", async () => {
  const thread = new PasswordThread({ log: new LogRecorder().log });
  const waiting = thread.compare("right", HASH);
  const ended = assertRejects(() => waiting, Error, "closed");

  thread.close();

  await ended;
});
