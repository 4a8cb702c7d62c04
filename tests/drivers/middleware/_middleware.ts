import { getLogger } from "@logtape/logtape";
import type { StorageMiddlewareConfig } from "../../../src/config/sections/middleware.ts";
import type { StorageDriver } from "../../../src/drivers/driver.ts";
import { InMemoryDriver } from "../../../src/drivers/inmemory/driver.ts";
import { wrapDriver } from "../../../src/drivers/middleware/factory.ts";
import type { MiddlewareContext } from "../../../src/drivers/middleware/middleware.ts";
import { ManualTimers } from "../../support/manual_timers.ts";

/** A file to be sent to. */
export const PATH = "/docker/registry/v2/blobs/sha256/aa/data";
/** The time that the clock tells. */
export const NOW_MS = Date.UTC(2026, 0, 1);

/** A list as AWS publishes it. */
export const RANGES = {
  prefixes: [
    { ip_prefix: "192.0.2.0/24", region: "eu-central-1" },
    { ip_prefix: "198.51.100.0/24", region: "us-east-1" },
    { region: "without-a-prefix" },
  ],
  ipv6_prefixes: [{ ipv6_prefix: "2001:db8::/32", region: "eu-central-1" }],
};

/** A driver that presigns. */
export function presigning(): StorageDriver {
  const driver: StorageDriver = new InMemoryDriver();
  driver.redirectUrl = () => Promise.resolve("https://s3.example/bucket/key?X-Sig=1");
  return driver;
}

/** What a middleware gets in tests. */
export function context(changes: Partial<MiddlewareContext> = {}): MiddlewareContext {
  return {
    log: getLogger(["stowage", "test", "silent"]),
    clock: { now: () => NOW_MS },
    timers: new ManualTimers(),
    fetch: () => Promise.resolve(Response.json(RANGES)),
    objectKey: (path) => `root${path}`,
    ...changes,
  };
}

/** Where a client is sent to. */
export async function redirectOf(
  driver: StorageDriver,
  clientAddress = "203.0.113.9",
): Promise<string | undefined> {
  return await driver.redirectUrl(PATH, { method: "GET", clientAddress });
}

/** Puts middleware around a driver that presigns. */
export async function wrap(
  configs: readonly StorageMiddlewareConfig[],
  changes: Partial<MiddlewareContext> = {},
): Promise<StorageDriver> {
  return await wrapDriver(presigning(), configs, context(changes));
}
