import { assertEquals, assertRejects } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { startCacheKeeper } from "../../src/app/start_cache_keeper.ts";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { CacheNotes } from "../../src/proxy/cache_notes.ts";
import { blobDataPath } from "../../src/storage/paths.ts";
import { TestRegistry } from "../api/_registry.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { configOf } from "./_config.ts";

/** A registry with one blob in two repositories, whose uses in `noted` lie long ago. */
async function keepOnce(text: string, noted: readonly string[], turns = 1000) {
  const registry = new TestRegistry();
  const content = toBytes("bytes");
  const digest = digestBytes(content);
  const log = getLogger(["test"]);
  const timers = new ManualTimers();
  const notes = new CacheNotes({ driver: registry.driver, clock: timers, log, resolutionMs: 1 });
  for (const name of ["a", "b"]) {
    await registry.pushImage(name, { layer: "bytes" });
    if (!noted.includes(name)) continue;
    await notes.set({ kind: "blob", repository: name, digest, usedAtMs: 1, sizeBytes: 5 });
  }
  const keeper = startCacheKeeper(configOf(text), registry.driver, { log, timers });
  // The keeper is loaded first; then it looks, and waits for the next time.
  for (let turn = 0; turn < turns && timers.waiting === 0; turn++) await timers.pass(0);
  const started = timers.waiting;
  await timers.pass(10_000);
  for (let turn = 0; turn < 1000 && started > 0 && timers.waiting === 0; turn++) {
    await timers.pass(0);
  }
  keeper.close();
  return { driver: registry.driver, path: blobDataPath(digest), started };
}

const ALL = 'storage: inmemory\nproxy: {remoteurl: "http://127.0.0.1:9"}';
const SOME =
  'storage: inmemory\nproxy: {upstreams: [{prefix: a, remoteurl: "http://127.0.0.1:9"}]}';

Deno.test("startCacheKeeper removes the bytes when no repository holds them any more", async () => {
  const both = await keepOnce(ALL, ["a", "b"]);
  await assertRejects(() => both.driver.stat(both.path), DriverError);
});

Deno.test("startCacheKeeper leaves bytes that another repository holds, or that people may push", async () => {
  for (const { driver, path } of [await keepOnce(ALL, ["a"]), await keepOnce(SOME, ["a", "b"])]) {
    assertEquals((await driver.stat(path)).sizeBytes, 5);
  }
});

Deno.test("startCacheKeeper does nothing without a cache, or while the registry is read-only", async () => {
  const readOnly = "storage: {inmemory: , maintenance: {readonly: {enabled: true}}}\n" +
    'proxy: {remoteurl: "http://127.0.0.1:9"}';
  for (const text of ["storage: inmemory", readOnly]) {
    assertEquals((await keepOnce(text, ["a"], 20)).started, 0);
  }
});
