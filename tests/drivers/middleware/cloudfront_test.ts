import { generateKeyPairSync } from "node:crypto";
import { assert, assertEquals } from "@std/assert";
import type { StorageMiddlewareConfig } from "../../../src/config/sections/middleware.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";
import { assertFails } from "../../contracts/storage_driver_case.ts";
import { TempFolder } from "../../support/temp.ts";

import { context, NOW_MS, PATH, RANGES, redirectOf, wrap } from "./_middleware.ts";

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
