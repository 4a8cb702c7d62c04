import { assertEquals, assertInstanceOf } from "@std/assert";
import { buildDescriptorCache } from "../../src/app/build_descriptor_cache.ts";
import { MemoryDescriptorCache } from "../../src/cache/inmemory/cache.ts";
import { RedisDescriptorCache } from "../../src/cache/redis/cache.ts";
import { SILENT } from "../storage/_doubles.ts";
import { configOf } from "./_config.ts";

const S3 = "s3: { region: us-east-1, bucket: b }";

function build(storage: string, rest = "") {
  return buildDescriptorCache(configOf(`storage: { ${storage} }\n${rest}`), { log: SILENT });
}

Deno.test("buildDescriptorCache makes none where none is wanted, or where none helps", async () => {
  const cases = [
    S3,
    "filesystem: {}, cache: { blobdescriptor: inmemory, exclusive: true }",
    "inmemory: {}, cache: { blobdescriptor: inmemory, exclusive: true }",
    // In memory it would not hear of what other programs remove.
    `${S3}, cache: { blobdescriptor: inmemory }`,
  ];
  for (const storage of cases) assertEquals(await build(storage), undefined, storage);
});

Deno.test("buildDescriptorCache keeps descriptors of a store of its own in memory", async () => {
  const cache = await build(`${S3}, cache: { blobdescriptor: inmemory, exclusive: true }`);
  assertInstanceOf(cache, MemoryDescriptorCache);
});

Deno.test("buildDescriptorCache keeps descriptors in Redis, whether it is there or not", async () => {
  const cache = await build(
    `${S3}, cache: { blobdescriptor: redis }`,
    'redis: { addrs: ["127.0.0.1:1"] }',
  );
  if (cache === undefined) throw new Error("There is no cache");
  assertInstanceOf(cache, RedisDescriptorCache);
  const digest = "sha256:" + "0".repeat(64) as never;
  assertEquals(await cache.blobSize({ repository: "a", digest }, () => Promise.resolve(1)), 1);
  cache.close();
});
