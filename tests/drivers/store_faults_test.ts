/**
 * What the drivers for Azure and Google make of stores that fail, are slow, or answer half; S3 has a
 * double and tests of its own.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import type { Timers } from "../../src/base/timers.ts";
import { AzureDriver } from "../../src/drivers/azure/driver.ts";
import type { StorageDriver } from "../../src/drivers/driver.ts";
import { GcsDriver } from "../../src/drivers/gcs/driver.ts";
import { assertFails, collect, publish, readAll } from "../contracts/storage_driver_case.ts";
import { startAzurite } from "../support/azurite.ts";
import { startFakeGcs } from "../support/fake_gcs.ts";
import { FaultyProxy, type Matcher, type ProxyFault } from "../support/faulty_proxy.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { type Program, testWith } from "../support/tools.ts";

const MIB = 1024 * 1024;

/** A driver, and what stands between it and its store. */
interface Scene extends AsyncDisposable {
  readonly driver: StorageDriver;
  readonly proxy: FaultyProxy;
}

/** How to make one, and how to tell its requests for the bytes of `/file`. */
interface StoreKind {
  readonly needs: readonly [Program];
  start(timers?: Timers): Promise<Scene>;
  readonly isRead: Matcher;
}

const STORES: Readonly<Record<string, StoreKind>> = {
  azure: {
    needs: ["azurite-blob"],
    async start(timers) {
      const stack = new AsyncDisposableStack();
      const config = await stack.use(await startAzurite()).makeContainer();
      const { origin, pathname } = new URL(config.serviceUrl);
      const proxy = stack.use(new FaultyProxy(origin));
      const driver = new AzureDriver({ ...config, serviceUrl: proxy.url + pathname }, timers);
      return { driver, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
    },
    isRead: ({ method, target }) => method === "GET" && /\/file\?/.test(target),
  },
  gcs: {
    needs: ["fake-gcs-server"],
    async start(timers) {
      const stack = new AsyncDisposableStack();
      const config = await stack.use(await startFakeGcs()).makeBucket();
      const proxy = stack.use(new FaultyProxy(config.endpoint ?? ""));
      const options = timers === undefined ? {} : { timers };
      const driver = new GcsDriver({ ...config, endpoint: proxy.url }, options);
      return { driver, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
    },
    isRead: ({ method, target }) => method === "GET" && /\/file\?alt=media/.test(target),
  },
};

const PASSING: readonly ProxyFault[] = [
  { kind: "error", status: 500 },
  { kind: "error", status: 503 },
  { kind: "reset" },
  { kind: "lost" },
];

for (const [name, { needs, start, isRead }] of Object.entries(STORES)) {
  testWith(needs, {
    name: `${name} driver gets over requests that fail for a while, whichever they are`,
    async fn() {
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
    },
  });

  testWith(needs, {
    name: `${name} driver goes on reading where an answer breaks off`,
    async fn() {
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
    },
  });

  testWith(needs, {
    name: `${name} driver never goes on with other content, and gives up where nothing comes`,
    async fn() {
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
    },
  });

  testWith(needs, {
    name: `${name} driver asks anew where an answer falls silent`,
    async fn() {
      const timers = new ManualTimers();
      await using scene = await start(timers);
      const { driver, proxy } = scene;
      const content = randomBytes("silent", 2 * MIB);
      await driver.putContent("/file", content);
      proxy.fail(isRead, { kind: "silence", afterBytes: 300_000 });
      const reading = readAll(driver, "/file");
      while (proxy.requests.filter(isRead).length < 2) await timers.pass(61_000);
      assert(Buffer.from(await reading).equals(content));
    },
  });
}
