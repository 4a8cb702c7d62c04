/**
 * What a driver must make of a store that fails, is slow, or answers half. S3 has a double and tests
 * of its own, which look into parts as well.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { Timers } from "../../src/base/timers.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import type { FaultyProxy, Matcher, ProxyFault } from "../support/faulty_proxy.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { type Program, testWith } from "../support/tools.ts";
import { assertFails, collect, publish, readAll } from "./storage_driver_case.ts";

const MIB = 1024 * 1024;

/** A driver, and what stands between it and its store. */
export interface FaultScene extends AsyncDisposable {
  readonly driver: StorageDriver;
  readonly proxy: FaultyProxy;
}

/** How to make a scene, and what its requests look like. */
export interface StoreKind {
  readonly needs: readonly [Program];
  start(timers?: Timers): Promise<FaultScene>;
  /** Tells the requests for the bytes of `/file`. */
  readonly isRead: Matcher;
}

const PASSING: readonly ProxyFault[] = [
  { kind: "error", status: 500 },
  { kind: "error", status: 503 },
  { kind: "reset" },
  { kind: "lost" },
];

/** Registers the tests of one driver. */
export function storeFaultsContract(name: string, kind: StoreKind): void {
  for (const [behaviour, fn] of Object.entries(CASES)) {
    testWith(kind.needs, { name: `${name} driver ${behaviour}`, fn: () => fn(kind) });
  }
}

const CASES: Readonly<Record<string, (kind: StoreKind) => Promise<void>>> = {
  "gets over requests that fail for a while, whichever they are": getOver,
  "goes on reading where an answer breaks off": goOn,
  "never goes on with other content, and gives up where nothing comes": neverMix,
  "asks anew where an answer falls silent": askAnew,
};

async function getOver({ start }: StoreKind): Promise<void> {
  await using scene = await start();
  const { driver, proxy } = scene;
  const content = randomBytes("large", 6 * MIB);
  for (const [index, fault] of PASSING.entries()) {
    const path = `/a/${index}`;
    // Each first request of a method fails once: looks, reads, writes and removals.
    for (const method of ["GET", "HEAD", "PUT", "POST", "DELETE"]) {
      proxy.fail((request) => request.method === method, fault);
    }
    await driver.putContent(`${path}/small`, toBytes("content"));
    const writer = await driver.writer(`${path}/large`, { append: true });
    await writer.write(content);
    await publish(writer);
    await driver.move(`${path}/large`, `${path}/moved`);
    assert(Buffer.from(await readAll(driver, `${path}/moved`)).equals(content));
    assertEquals((await driver.stat(`${path}/small`)).sizeBytes, 7);
    assertEquals((await driver.list(path)).toSorted(), [`${path}/moved`, `${path}/small`]);
    await driver.delete(path);
    await assertFails(driver.list(path), "path_not_found");
  }
}

async function goOn({ start, isRead }: StoreKind): Promise<void> {
  await using scene = await start();
  const { driver, proxy } = scene;
  const content = randomBytes("cut", 3 * MIB);
  await driver.putContent("/file", content);
  for (const times of [1, 4]) {
    proxy.fail(isRead, { kind: "cut", afterBytes: 700_000 }, times);
    assert(Buffer.from(await readAll(driver, "/file")).equals(content));
    proxy.fail(isRead, { kind: "cut", afterBytes: 70_000 }, times);
    const part = await readAll(driver, "/file", { offset: 1000, length: 2 * MIB });
    assert(Buffer.from(part).equals(content.subarray(1000, 1000 + 2 * MIB)));
    proxy.fail(isRead, { kind: "cut", afterBytes: 70_000 }, times);
    assert(Buffer.from(await driver.getContent("/file")).equals(content));
  }
}

async function neverMix({ start, isRead }: StoreKind): Promise<void> {
  await using scene = await start();
  const { driver, proxy } = scene;
  await driver.putContent("/file", randomBytes("old", 3 * MIB));
  proxy.fail(isRead, { kind: "cut", afterBytes: 500_000 });
  const stream = await driver.reader("/file");
  await driver.putContent("/file", randomBytes("new", 3 * MIB));
  await assertFails(collect(stream), "unavailable");
  proxy.fail(isRead, { kind: "cut", afterBytes: 0 }, 100);
  const before = proxy.requests.length;
  await assertFails(driver.getContent("/file"), "unavailable");
  assert(proxy.requests.length - before <= 25);
}

async function askAnew({ start, isRead }: StoreKind): Promise<void> {
  const timers = new ManualTimers();
  await using scene = await start(timers);
  const { driver, proxy } = scene;
  const content = randomBytes("silent", 2 * MIB);
  await driver.putContent("/file", content);
  proxy.fail(isRead, { kind: "silence", afterBytes: 300_000 });
  let isOver = false;
  const reading = readAll(driver, "/file").finally(() => isOver = true);
  while (!isOver) {
    // A request that was given up on the way is repeated after a while: time goes on, but slowly.
    await timers.pass(proxy.requests.filter(isRead).length < 2 ? 10_000 : 100);
  }
  assert(Buffer.from(await reading).equals(content));
}
