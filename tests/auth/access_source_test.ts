import { assertEquals, assertRejects } from "@std/assert";
import { hashSync } from "bcryptjs";
import { AccessSource } from "../../src/auth/access_source.ts";
import { AuthError } from "../../src/auth/errors.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { LogRecorder } from "./_log.ts";

const HASH = hashSync("secret", 4);

Deno.test("AccessSource joins both files, and reads each again when it changes", async () => {
  await using temp = await TempFolder.make();
  const clock = new ManualTimers(1_000_000);
  await temp.write("users", `bob:${HASH}\nalice:other\n`);
  const path = await temp.write("access.yml", `htpasswd: users\nusers: { alice: "${HASH}" }\n`);
  const source = new AccessSource(path, { clock, log: new LogRecorder().log });

  const { users } = await source.get();
  assertEquals([...users], [["bob", HASH], ["alice", HASH]]);
  assertEquals(source.recent?.users, users);
  await temp.write("users", `carol:${HASH}\n`);
  await clock.pass(1000);
  assertEquals(source.recent, undefined);
  assertEquals([...(await source.get()).users.keys()], ["carol", "alice"]);
  await temp.write("access.yml", "rules: [{ repositories: a, who: anonymous, allow: pull }]");
  await clock.pass(1000);
  const rules = await source.get();
  assertEquals([rules.users.size, rules.policy.may("", "pull", "a")], [0, true]);
});

Deno.test("AccessSource goes on with what it read last, and complains once", async () => {
  await using temp = await TempFolder.make();
  const clock = new ManualTimers(1_000_000);
  const { log, lines } = new LogRecorder();
  const path = await temp.write("access.yml", `users: { alice: "${HASH}" }`);
  const source = new AccessSource(path, { clock, log });
  await source.get();

  for (const text of ["users: [", "users: ["]) {
    await temp.write("access.yml", text);
    await clock.pass(1000);
    assertEquals([...(await source.get()).users.keys()], ["alice"]);
  }
  assertEquals(lines.map(({ level }) => level), ["error"]);
  await temp.write("access.yml", "");
  await clock.pass(1000);
  assertEquals((await source.get()).users.size, 0);
});

Deno.test("AccessSource fails where it could never read", async () => {
  await using temp = await TempFolder.make();
  const options = { clock: new ManualTimers(1_000_000), log: new LogRecorder().log };
  const bad = await temp.write("bad.yml", "rules: 1");

  await assertRejects(() => new AccessSource(bad, options).get(), AuthError);
  await assertRejects(
    () => new AccessSource(temp.join("none.yml"), options).get(),
    Deno.errors.NotFound,
  );
});
