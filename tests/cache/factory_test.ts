import { assertInstanceOf } from "@std/assert";
import { createDescriptorCache } from "../../src/cache/factory.ts";
import { newGenerations } from "../../src/cache/generations.ts";
import { MemoryDescriptorCache } from "../../src/cache/inmemory/cache.ts";
import { RedisDescriptorCache } from "../../src/cache/redis/cache.ts";
import { SILENT } from "../storage/_doubles.ts";

Deno.test("createDescriptorCache makes the kind that is named", async () => {
  const generations = newGenerations();
  const memory = await createDescriptorCache("inmemory", { maxEntries: 1, generations });
  assertInstanceOf(memory, MemoryDescriptorCache);
  const redis = { send: () => Promise.resolve(0), close: () => {} };
  const inRedis = await createDescriptorCache("redis", {
    redis,
    log: SILENT,
    removeTimeoutMs: 1,
  });
  assertInstanceOf(inRedis, RedisDescriptorCache);
});
