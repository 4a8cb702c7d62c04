import { assert, assertEquals, assertRejects } from "@std/assert";
import { AuthError } from "../../src/auth/errors.ts";
import { bcryptCost, parseHtpasswd } from "../../src/auth/htpasswd_file.ts";
import { PasswordChecker } from "../../src/auth/password_checker.ts";
import type { PasswordComparer } from "../../src/auth/password_thread.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { asking } from "./_requests.ts";

const FILLING = "x".repeat(53);
const USERS = parseHtpasswd(
  `alice:$2b$10$${FILLING}\nbob:$2b$10$${FILLING}\ncarol:$2b$12$${FILLING}\nplain:secret\n`,
);

/** Takes "right" for everybody's password, and notes what it compared with. */
class FakeComparer implements PasswordComparer {
  readonly hashes: string[] = [];
  isClosed = false;

  compare(password: string, hash: string): Promise<boolean> {
    this.hashes.push(hash);
    return Promise.resolve(password === "right");
  }

  close(): void {
    this.isClosed = true;
  }
}

function makeChecker() {
  const comparer = new FakeComparer();
  const timers = new ManualTimers(1_000_000);
  const passwords = new PasswordChecker({ comparer, timers, clock: timers });
  const check = (userName: string, password: string, address = "a") =>
    passwords.check({ userName, password, users: USERS, asker: asking({ address }) });
  return { comparer, timers, passwords, check };
}

Deno.test("PasswordChecker compares once, then remembers for five minutes", async () => {
  const { comparer, timers, passwords, check } = makeChecker();
  const alice = { userName: "alice", password: "right" };

  assertEquals([passwords.remembers(alice, USERS), await check("alice", "right")], [false, true]);
  assert(passwords.remembers(alice, USERS));
  assert(!passwords.remembers({ ...alice, password: "other" }, USERS));
  assert(!passwords.remembers({ ...alice, userName: "bob" }, USERS));
  assertEquals([await check("alice", "right"), comparer.hashes.length], [true, 1]);
  await timers.pass(5 * 60_000 + 1);
  assert(!passwords.remembers(alice, USERS));
});

Deno.test("PasswordChecker forgets a password whose hash has been changed, or taken out", async () => {
  const { passwords, check } = makeChecker();
  const alice = { userName: "alice", password: "right" };
  await check("alice", "right");

  assert(!passwords.remembers(alice, parseHtpasswd(`alice:$2b$10$${"y".repeat(53)}`)));
  assert(!passwords.remembers(alice, parseHtpasswd("")));
});

Deno.test("PasswordChecker spends the same on whoever it does not know", async () => {
  const { comparer, check } = makeChecker();

  assertEquals(await check("nobody", "right"), false);
  assertEquals(await check("plain", "secret"), false);
  assertEquals(comparer.hashes.map(bcryptCost), [10, 10]);
});

Deno.test("PasswordChecker compares the same attempt once at a time", async () => {
  const { comparer, check } = makeChecker();

  const results = await Promise.all(Array.from({ length: 50 }, () => check("alice", "right")));

  assertEquals([results.every(Boolean), comparer.hashes.length], [true, 1]);
});

Deno.test("PasswordChecker makes an address wait that fails again and again", async () => {
  const { comparer, timers, check } = makeChecker();
  for (let time = 0; time < 5; time++) await check("alice", `wrong ${time}`);

  const waiting = check("alice", "right");
  assertEquals(await check("alice", "another", "elsewhere"), false);
  assertEquals(comparer.hashes.length, 6);
  await timers.pass(249);
  assertEquals(comparer.hashes.length, 6);
  await timers.pass(1);
  assertEquals([await waiting, comparer.hashes.length], [true, 7]);
});

Deno.test("PasswordChecker turns attempts away when too many wait", async () => {
  const { timers, passwords, check } = makeChecker();
  for (let time = 0; time < 5; time++) await check("alice", `wrong ${time}`);
  const waiting = [1, 2, 3, 4].map((time) => check("alice", `more ${time}`));

  const error = await assertRejects(() => check("alice", "right"), AuthError);
  assertEquals([error.code, error.detail], [
    "throttled",
    { reason: "too many failures", retryAfterSeconds: 1 },
  ]);
  assertEquals(await check("bob", "right", "elsewhere"), true);
  for (let time = 0; time < 4; time++) await timers.pass(8000);
  assertEquals(await Promise.all(waiting), [false, false, false, false]);
  passwords.close();
});

Deno.test("PasswordChecker.close ends what waits", async () => {
  const { comparer, timers, passwords, check } = makeChecker();
  for (let time = 0; time < 5; time++) await check("alice", `wrong ${time}`);
  const waiting = check("alice", "right");
  await timers.pass(0);

  passwords.close();

  await waiting;
  assertEquals([timers.waiting, comparer.isClosed], [0, true]);
});
