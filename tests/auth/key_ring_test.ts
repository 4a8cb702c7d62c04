import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { KeyRing } from "../../src/auth/key_ring.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { MemoryKeyFolder } from "./_keys.ts";

const HOUR_MS = 3_600_000;
const OPTIONS = { rotationMs: 24 * HOUR_MS, lifetimeMs: 2 * HOUR_MS };

Deno.test("KeyRing makes one key and keeps it, whoever asks and whenever", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const ring = new KeyRing(folder, { ...OPTIONS, clock });

  const made = await Promise.all([1, 2, 3].map(() => ring.signingKey()));
  const other = await new KeyRing(folder, { ...OPTIONS, clock }).signingKey();

  assertEquals(new Set([...made, other].map(({ kid }) => kid)).size, 1);
  assertEquals([...folder.files.keys()], [`${other.kid}.json`]);
  const [shown] = await ring.publicKeys();
  const fields = Object.keys(shown ?? {}).sort();
  assertEquals(fields, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
});

Deno.test("KeyRing finds at once the key that another has made", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const one = new KeyRing(folder, { ...OPTIONS, clock });
  await one.publicKeys();
  await clock.pass(5000);
  const { kid } = await new KeyRing(folder, { ...OPTIONS, clock }).signingKey();

  assert(await one.publicKey(kid) !== undefined);
  assertEquals((await one.signingKey()).kid, kid);
});

Deno.test("KeyRing looks for unknown names no more than once in five seconds", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const ring = new KeyRing(folder, { ...OPTIONS, clock });
  const { kid } = await ring.signingKey();
  const { lists } = folder;

  for (let time = 0; time < 100; time++) assertEquals(await ring.publicKey(`${time}`), undefined);
  assertEquals(folder.lists, lists);
  await clock.pass(5000);
  for (let time = 0; time < 100; time++) assertEquals(await ring.publicKey(`${time}`), undefined);
  assertEquals(folder.lists, lists + 1);
  assert(await ring.publicKey(kid) !== undefined);
});

Deno.test("KeyRing signs with the next key in time, and keeps the last while it counts", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const ring = new KeyRing(folder, { ...OPTIONS, clock });
  const first = await ring.signingKey();

  await clock.pass(24 * HOUR_MS);
  const second = await ring.signingKey();
  assertNotEquals(second.kid, first.kid);
  assert(await ring.publicKey(first.kid) !== undefined);
  await clock.pass(24 * HOUR_MS);
  const third = await ring.signingKey();
  assertEquals([...folder.files.keys()].sort(), [`${second.kid}.json`, `${third.kid}.json`].sort());
  assertEquals(await ring.publicKey(first.kid), undefined);
});

Deno.test("KeyRing passes over files that are no keys, or not what their names say", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const { kid } = await new KeyRing(folder, { ...OPTIONS, clock }).signingKey();
  const text = folder.files.get(`${kid}.json`) ?? "";
  folder.files.clear();
  for (const name of ["other.json", "README.md", ".x.tmp"]) folder.files.set(name, text);
  folder.files.set("bad.json", "{");

  const ring = new KeyRing(folder, { ...OPTIONS, clock });

  assertEquals(await ring.publicKeys(), []);
});

Deno.test("KeyRing trusts no key any more whose file was removed", async () => {
  const folder = new MemoryKeyFolder();
  const clock = new ManualTimers(1_000_000);
  const ring = new KeyRing(folder, { ...OPTIONS, clock });
  const { kid } = await ring.signingKey();

  folder.files.clear();
  assert(await ring.publicKey(kid) !== undefined);
  await clock.pass(60_000);
  assertEquals(await ring.publicKey(kid), undefined);
  assertNotEquals((await ring.signingKey()).kid, kid);
});
