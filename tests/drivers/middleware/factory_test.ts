import { generateKeyPairSync } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { StorageMiddlewareConfig } from "../../../src/config/sections/middleware.ts";
import type { StorageDriver } from "../../../src/drivers/driver.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";
import type { MiddlewareContext } from "../../../src/drivers/middleware/middleware.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { assertFails, textAt } from "../../contracts/storage_driver_case.ts";
import { guardDriver } from "../../../src/drivers/guard.ts";
import { ManualTimers } from "../../support/manual_timers.ts";
import { TempFolder } from "../../support/temp.ts";

const PATH = "/docker/registry/v2/blobs/sha256/aa/data";
const NOW_MS = Date.UTC(2026, 0, 1);

const RANGES = {
  prefixes: [
    { ip_prefix: "192.0.2.0/24", region: "eu-central-1" },
    { ip_prefix: "198.51.100.0/24", region: "us-east-1" },
    { region: "without-a-prefix" },
  ],
  ipv6_prefixes: [{ ipv6_prefix: "2001:db8::/32", region: "eu-central-1" }],
};

/** A driver that presigns. */
function presigning(): StorageDriver {
  const driver: StorageDriver = new InMemoryDriver();
  driver.redirectUrl = () => Promise.resolve("https://s3.example/bucket/key?X-Sig=1");
  return driver;
}

function context(changes: Partial<MiddlewareContext> = {}): MiddlewareContext {
  return {
    log: getLogger(["stowage", "test", "silent"]),
    clock: { now: () => NOW_MS },
    timers: new ManualTimers(),
    fetch: () => Promise.resolve(Response.json(RANGES)),
    objectKey: (path) => `root${path}`,
    ...changes,
  };
}

async function redirectOf(
  driver: StorageDriver,
  clientAddress = "203.0.113.9",
): Promise<string | undefined> {
  return await driver.redirectUrl(PATH, { method: "GET", clientAddress });
}

async function wrap(
  configs: readonly StorageMiddlewareConfig[],
  changes: Partial<MiddlewareContext> = {},
): Promise<StorageDriver> {
  return await wrapDriver(presigning(), configs, context(changes));
}

storageDriverContract("redirect middleware", async () => {
  const driver = guardDriver(
    await wrapDriver(new InMemoryDriver(), [{ name: "redirect", baseUrl: "https://a" }], context()),
  );
  return { driver, [Symbol.asyncDispose]: () => driver.close() };
});

Deno.test("wrapDriver without middleware gives the driver itself", async () => {
  const driver = new InMemoryDriver();
  assertEquals(await wrapDriver(driver, [], context()), driver);
});

Deno.test("redirect joins its URL and the path", async () => {
  const cases = {
    "https://cdn.example": `https://cdn.example${PATH}`,
    "https://cdn.example:8443/a/b/": `https://cdn.example:8443/a/b${PATH}`,
    "http://cdn.example/a": `http://cdn.example/a${PATH}`,
  };
  for (const [baseUrl, expected] of Object.entries(cases)) {
    assertEquals(await redirectOf(await wrap([{ name: "redirect", baseUrl }])), expected);
  }
});

Deno.test("rewrite edits what the driver gives, and nothing else", async () => {
  const plain = { name: "rewrite", scheme: "", host: "", trimPathPrefix: "" } as const;
  const cases: readonly [Readonly<Record<string, string>>, string][] = [
    [{}, "https://s3.example/bucket/key?X-Sig=1"],
    [{ scheme: "http" }, "http://s3.example/bucket/key?X-Sig=1"],
    [{ host: "cdn.example:81" }, "https://cdn.example:81/bucket/key?X-Sig=1"],
    [{ trimPathPrefix: "/bucket" }, "https://s3.example/key?X-Sig=1"],
    [{ trimPathPrefix: "/bucket/" }, "https://s3.example/key?X-Sig=1"],
    [{ trimPathPrefix: "/other" }, "https://s3.example/bucket/key?X-Sig=1"],
  ];
  for (const [changes, expected] of cases) {
    const config = { ...plain, ...changes } as StorageMiddlewareConfig;
    assertEquals(await redirectOf(await wrap([config])), expected);
  }
  const local = await wrapDriver(new InMemoryDriver(), [plain], context());
  assertEquals(await redirectOf(local), undefined);
});

Deno.test("wrapDriver puts a later middleware around an earlier one", async () => {
  const driver = await wrap([
    { name: "redirect", baseUrl: "https://cdn.example/x" },
    { name: "rewrite", scheme: "http", host: "", trimPathPrefix: "/x" },
  ]);
  assertEquals(await redirectOf(driver), `http://cdn.example${PATH}`);
  await driver.putContent("/file", toBytes("content"));
  assertEquals(await textAt(driver, "/file"), "content");
});

function cloudFront(
  privateKey: string,
  changes: Record<string, unknown> = {},
): StorageMiddlewareConfig {
  return {
    name: "cloudfront",
    baseUrl: "d1.cloudfront.example",
    privateKey,
    keyPairId: "PAIR",
    durationMs: 20 * 60_000,
    updateFrequencyMs: 3_600_000,
    ipRangesUrl: "https://ranges.example/",
    ipFilteredBy: "none",
    awsRegions: [],
    ...changes,
  } as StorageMiddlewareConfig;
}

async function keyFile(folder: TempFolder, type: "pkcs1" | "pkcs8"): Promise<string> {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return await folder.write(`${type}.pem`, String(privateKey.export({ type, format: "pem" })));
}

Deno.test("cloudfront signs URLs of the object's key", async () => {
  await using folder = await TempFolder.make();
  for (const type of ["pkcs1", "pkcs8"] as const) {
    const driver = await wrap([cloudFront(await keyFile(folder, type))]);
    const url = new URL(await redirectOf(driver) ?? "");
    assertEquals(url.origin + url.pathname, `https://d1.cloudfront.example/root${PATH}`);
    assertEquals(url.searchParams.get("Key-Pair-Id"), "PAIR");
    assertEquals(url.searchParams.get("Expires"), String(NOW_MS / 1000 + 1200));
    assert((url.searchParams.get("Signature") ?? "").length > 300);
  }
});

Deno.test("cloudfront sends clients in AWS to S3, by address and region", async () => {
  await using folder = await TempFolder.make();
  const key = await keyFile(folder, "pkcs1");
  const cases = [
    { by: "none", regions: [], s3: [] },
    {
      by: "aws",
      regions: [],
      s3: ["192.0.2.7", "198.51.100.1", "2001:db8::1", "::ffff:192.0.2.7"],
    },
    {
      by: "awsregion",
      regions: ["EU-central-1"],
      s3: ["192.0.2.7", "2001:db8::1", "::ffff:192.0.2.7"],
    },
  ];
  const clients = [
    ...["192.0.2.7", "198.51.100.1", "2001:db8::1", "::ffff:192.0.2.7"],
    ...["203.0.113.1", "2001:db9::1", "", "not an address"],
  ];
  for (const { by, regions, s3 } of cases) {
    const fetched = Promise.withResolvers<void>();
    const driver = await wrap([cloudFront(key, { ipFilteredBy: by, awsRegions: regions })], {
      timers: { after: () => (fetched.resolve(), () => {}) },
    });
    if (by !== "none") await fetched.promise;
    for (const client of clients) {
      const url = await redirectOf(driver, client) ?? "";
      const expected = s3.includes(client) ? "s3.example" : "d1.cloudfront.example";
      assertEquals(new URL(url).host, expected, `${by} ${client}`);
    }
    await driver.close();
  }
});

Deno.test("cloudfront reads the list of addresses again, sooner where it failed", async () => {
  await using folder = await TempFolder.make();
  const delays: number[] = [];
  let tick = () => {};
  let answered = Promise.withResolvers<void>();
  let answer = (): Promise<Response> => Promise.resolve(new Response("no", { status: 500 }));
  const config = cloudFront(await keyFile(folder, "pkcs1"), { ipFilteredBy: "aws" });
  const driver = await wrap([config], {
    fetch: () => answer(),
    timers: {
      after(delayMs, task) {
        delays.push(delayMs);
        tick = task;
        answered.resolve();
        return () => {};
      },
    },
  });
  await answered.promise;
  assertEquals(new URL(await redirectOf(driver, "192.0.2.7") ?? "").host, "d1.cloudfront.example");
  answer = () => Promise.resolve(Response.json(RANGES));
  answered = Promise.withResolvers<void>();
  tick();
  await answered.promise;
  assertEquals(new URL(await redirectOf(driver, "192.0.2.7") ?? "").host, "s3.example");
  assertEquals(delays, [60_000, 3_600_000]);
  await driver.close();
});

Deno.test("cloudfront refuses a key that is none, and leaves storage alone that is no S3", async () => {
  await using folder = await TempFolder.make();
  const bad = await folder.write("bad.pem", "no key");
  for (const file of [bad, folder.join("missing.pem")]) {
    const error = await assertFails(wrap([cloudFront(file)]), "unavailable");
    assert(error.message.includes(file), error.message);
  }
  const config = cloudFront(bad);
  const { objectKey: _, ...elsewhere } = context();
  const driver = new InMemoryDriver();
  assertEquals(await wrapDriver(driver, [config], elsewhere), driver);
});
