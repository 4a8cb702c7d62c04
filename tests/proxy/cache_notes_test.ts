import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { toBytes } from "../../src/base/bytes.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { CacheNotes } from "../../src/proxy/cache_notes.ts";
import { ManualTimers } from "../support/manual_timers.ts";

const BLOB = { kind: "blob", repository: "a/b", digest: EMPTY_DIGEST } as const;
const START_MS = 1_700_000_000_000;

function notes() {
  const driver = guardDriver(new InMemoryDriver());
  const clock = new ManualTimers(START_MS);
  const make = () =>
    new CacheNotes({ driver, clock, log: getLogger(["test"]), resolutionMs: 60_000 });
  return { driver, clock, make };
}

Deno.test("CacheNotes keeps uses for all threads, and not each of them", async () => {
  const { clock, make } = notes();
  const one = make();
  one.use(BLOB, 10);
  await clock.pass(30_000);
  one.use(BLOB, 10);
  await clock.pass(0);
  assertEquals(await make().get(BLOB), { ...BLOB, usedAtMs: START_MS, sizeBytes: 10 });
  await clock.pass(30_000);
  one.use(BLOB, 10);
  await clock.pass(0);
  assertEquals((await make().get(BLOB))?.usedAtMs, START_MS + 60_000);
});

Deno.test("CacheNotes lists contents, drops them, and passes over what is no note", async () => {
  const { driver, make } = notes();
  const all = make();
  const manifest = { ...BLOB, kind: "manifest" } as const;
  assertEquals(await Array.fromAsync(all.list()), []);
  await all.set({ ...BLOB, usedAtMs: 5, sizeBytes: 1 });
  await all.set({ ...manifest, usedAtMs: 6, sizeBytes: 2 });
  await driver.putContent("/stowage/pulled/a/_blobs/sha256/12", toBytes("{}"));
  await driver.putContent(`/stowage/pulled/c/_blobs/sha256/${"0".repeat(64)}`, toBytes("broken"));
  assertEquals(await Array.fromAsync(all.list()), [
    { ...BLOB, usedAtMs: 5, sizeBytes: 1 },
    { ...manifest, usedAtMs: 6, sizeBytes: 2 },
  ]);
  await all.drop(BLOB);
  await all.drop(BLOB);
  assertEquals(await all.get(BLOB), undefined);
});

Deno.test("CacheNotes keeps when a tag was compared", async () => {
  const { clock, make } = notes();
  const all = make();
  assertEquals(await all.checkedAtMs("a", "v1"), undefined);
  all.check("a", "v1");
  await clock.pass(0);
  assertEquals(await make().checkedAtMs("a", "v1"), START_MS);
});
