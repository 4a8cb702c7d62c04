import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import * as fc from "fast-check";
import type { FileWriter, StorageDriver } from "../../src/drivers/driver.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { type DriverAction, guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { assertFails } from "../contracts/storage_driver_case.ts";

const SEGMENT = fc.string({
  unit: fc.constantFrom(..."aZ0._-"),
  minLength: 1,
  maxLength: 6,
}).filter((segment) => segment !== "." && segment !== "..");

/** A driver some of whose calls are the test's. */
function fake(
  calls: Partial<StorageDriver>,
  driver: StorageDriver = new InMemoryDriver(),
): StorageDriver {
  return new Proxy(driver, {
    get(target, key: keyof StorageDriver) {
      const value: unknown = calls[key] ?? target[key];
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** A writer some of whose calls are the test's. */
function fakeWriter(calls: Partial<FileWriter>): FileWriter {
  const done = () => Promise.resolve();
  return { sizeBytes: 0, write: done, close: done, commit: done, cancel: done, ...calls };
}

Deno.test("guardDriver lets every path of allowed segments through", async () => {
  const seen: string[] = [];
  const driver = guardDriver(fake({
    getContent(path) {
      seen.push(path);
      return Promise.resolve(new Uint8Array());
    },
  }));
  const paths = fc.array(SEGMENT, { minLength: 1, maxLength: 9 }).map((names) =>
    `/${names.join("/")}`
  );
  await fc.assert(fc.asyncProperty(paths, async (path) => {
    await driver.getContent(path);
    assertEquals(seen.pop(), path);
  }));
});

Deno.test("guardDriver lets no other path reach the driver", async () => {
  let reached = 0;
  const driver = guardDriver(fake({
    getContent() {
      reached++;
      return Promise.resolve(new Uint8Array());
    },
  }));
  const odd = fc.constantFrom(
    "",
    ".",
    "..",
    " ",
    "a b",
    "ä",
    "a\n",
    "\0",
    "%2e",
    "a\\b",
    "a:b",
    "~",
  );
  const paths = fc.tuple(
    fc.array(SEGMENT, { maxLength: 3 }),
    odd,
    fc.array(SEGMENT, { maxLength: 3 }),
  )
    .map(([head, segment, tail]) => `/${[...head, segment, ...tail].join("/")}`);
  await fc.assert(fc.asyncProperty(paths, async (path) => {
    await assertFails(driver.getContent(path), "invalid_path");
  }));
  assertEquals(reached, 0);
});

Deno.test("guardDriver checks both paths of a move before it begins", async () => {
  const driver = guardDriver(fake({ move: () => Promise.reject(new Error("must not be called")) }));
  const error = await assertFails(driver.move("/a", "/b/"), "invalid_path");
  assertEquals(error.path, "/b/");
  assertEquals((await assertFails(driver.move("a", "/b"), "invalid_path")).path, "a");
});

Deno.test("guardDriver gives driver errors on as they are", async () => {
  const failure = new DriverError("no_space", { driver: "inmemory", path: "/a" });
  const driver = guardDriver(fake({ putContent: () => Promise.reject(failure) }));
  const error = await assertFails(driver.putContent("/a", new Uint8Array()), "no_space");
  assertStrictEquals(error, failure);
});

Deno.test("guardDriver makes any other error unavailable, its cause kept", async () => {
  const cause = new TypeError("fetch failed");
  const fail = () => Promise.reject(cause);
  const driver = guardDriver(fake({
    stat: fail,
    reader: fail,
    writer: () => Promise.resolve(fakeWriter({ write: fail, commit: fail, cancel: fail })),
    // deno-lint-ignore require-yield -- fails before it has anything to give
    async *walk() {
      await fail();
    },
  }));
  const writer = await driver.writer("/a");
  const calls = [
    driver.stat("/a"),
    driver.reader("/a"),
    Array.fromAsync(driver.walk("/a")),
    writer.write(new Uint8Array(1)),
    writer.commit(),
    writer.cancel(),
  ];
  for (const call of calls) {
    const error = await assertFails(call, "unavailable");
    assertStrictEquals(error.cause, cause);
    assertEquals([error.path, error.message], ["/a", "inmemory: fetch failed"]);
  }
});

Deno.test("guardDriver lets another end be tried after one that failed", async () => {
  const ends: string[] = [];
  const driver = guardDriver(fake({
    writer: () =>
      Promise.resolve(fakeWriter({
        commit: () => Promise.reject(new Error("disk on fire")),
        close() {
          ends.push("close");
          return Promise.resolve();
        },
      })),
  }));
  const writer = await driver.writer("/a");
  await assertFails(writer.commit(), "unavailable");
  await writer.close();
  await assertFails(writer.close(), "writer_closed");
  assertEquals(ends, ["close"]);
});

Deno.test("guardDriver times calls under Distribution's names", async () => {
  const seen: [DriverAction, number][] = [];
  const driver = guardDriver(new InMemoryDriver(), {
    observe: (action, durationMs) => seen.push([action, durationMs]),
  });
  await driver.putContent("/a", new Uint8Array());
  await driver.getContent("/a");
  await driver.stat("/a");
  await driver.list("/");
  await driver.move("/a", "/b");
  await (await driver.reader("/b")).cancel();
  await (await driver.writer("/c")).close();
  await Array.fromAsync(driver.walk("/"));
  await driver.redirectUrl("/b", { method: "GET" });
  await driver.delete("/b");
  assertEquals(seen.map(([action]) => action), [
    "PutContent",
    "GetContent",
    "Stat",
    "List",
    "Move",
    "RedirectURL",
    "Delete",
  ]);
  assert(seen.every(([, durationMs]) => durationMs >= 0));
});

Deno.test("guardDriver times calls that fail, but not those that it refuses", async () => {
  const seen: DriverAction[] = [];
  const driver = guardDriver(new InMemoryDriver(), { observe: (action) => seen.push(action) });
  await assertFails(driver.getContent("/missing"), "path_not_found");
  await assertFails(driver.getContent("missing"), "invalid_path");
  assertEquals(seen, ["GetContent"]);
});

Deno.test("guardDriver runs at most maxConcurrency calls at once", async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  async function wait(): Promise<void> {
    most = Math.max(most, ++running);
    await gate;
    running--;
  }
  const inner = new InMemoryDriver();
  await inner.putContent("/file", new Uint8Array());
  const waiting = fake({
    putContent: wait,
    async reader(path) {
      await wait();
      return await inner.reader(path);
    },
  }, inner);
  const driver = guardDriver(waiting, { maxConcurrency: 3 });
  const calls: Promise<unknown>[] = [];
  for (let call = 0; call < 5; call++) {
    calls.push(driver.putContent("/file", new Uint8Array()), driver.reader("/file"));
  }
  // A walk is not counted: it would hold a place for as long as its loop runs.
  assertEquals((await Array.fromAsync(driver.walk("/"))).length, 1);
  assertEquals(running, 3);
  open();
  await Promise.all(calls);
  assertEquals([running, most], [0, 3]);
});

Deno.test("guardDriver frees the place of a call that failed", async () => {
  const driver = guardDriver(new InMemoryDriver(), { maxConcurrency: 1 });
  for (let call = 0; call < 3; call++) await assertFails(driver.stat("/missing"), "path_not_found");
});

Deno.test("guardDriver closes the driver", async () => {
  let closed = 0;
  const driver = guardDriver(fake({
    close() {
      closed++;
      return Promise.resolve();
    },
  }));
  await driver.close();
  assertEquals(closed, 1);
});
