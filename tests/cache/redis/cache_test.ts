import { assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { CacheOutcome } from "../../../src/cache/cache.ts";
import { CacheError } from "../../../src/cache/errors.ts";
import { RedisDescriptorCache } from "../../../src/cache/redis/cache.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import { type RedisClient, type RedisCommand, RedisError } from "../../../src/redis/client.ts";
import { connectRedis } from "../../../src/redis/connect.ts";
import { descriptorCacheContract } from "../../contracts/descriptor_cache.ts";
import { SILENT } from "../../storage/_doubles.ts";
import { redisConfig, startRedis } from "../../support/redis.ts";
import { blobUrl, pushBlob, request } from "../../support/registry_client.ts";
import { startRegistry } from "../../support/servers.ts";
import { TempFolder } from "../../support/temp.ts";
import { testWith } from "../../support/tools.ts";

const DIGEST = digestBytes(toBytes("content"));
const CONTENT = { repository: "foo/bar", digest: DIGEST };

descriptorCacheContract("redis", {
  register: (test) => testWith(["redis-server"], test),
  makeFixture: async () => {
    const server = await startRedis();
    const connect = () => connectRedis(redisConfig({ addrs: [server.addr] }), { log: SILENT });
    const outcomes: CacheOutcome[] = [];
    const observe = (outcome: CacheOutcome) => void outcomes.push(outcome);
    const options = { log: SILENT, removeTimeoutMs: 3000 };
    const cache = new RedisDescriptorCache({ redis: await connect(), observe, ...options });
    const other = new RedisDescriptorCache({ redis: await connect(), ...options });
    return {
      cache,
      other,
      outcomes,
      shared: true,
      async [Symbol.asyncDispose]() {
        cache.close();
        other.close();
        await server[Symbol.asyncDispose]();
      },
    };
  },
});

/** A Redis that is a function; it notes what it is sent. */
function fakeRedis(answer: (command: RedisCommand) => unknown): {
  readonly redis: RedisClient;
  readonly sent: string[];
} {
  const sent: string[] = [];
  const redis: RedisClient = {
    async send(command) {
      sent.push(String(command[0]));
      return await answer(command);
    },
    close() {},
  };
  return { redis, sent };
}

function away(): never {
  throw new RedisError("unavailable", "no reply");
}

function cacheOn(redis: RedisClient, elapsedMs = () => 0): RedisDescriptorCache {
  return new RedisDescriptorCache({ redis, log: SILENT, removeTimeoutMs: 1000, elapsedMs });
}

Deno.test("RedisDescriptorCache loads where Redis is away, and does not ask it again", async () => {
  const { redis, sent } = fakeRedis(away);
  const cache = cacheOn(redis);

  assertEquals(await cache.blobSize(CONTENT, () => Promise.resolve(7)), 7);
  assertEquals(await cache.hasManifest(CONTENT, () => Promise.resolve(true)), true);
  await cache.forget(CONTENT);
  assertEquals(sent, ["SISMEMBER", "SISMEMBER", "HMGET", "SISMEMBER", "SISMEMBER", "EVAL"]);
});

Deno.test("RedisDescriptorCache removes nothing that it cannot tell the others of", async () => {
  const cache = cacheOn(fakeRedis(away).redis);
  let isRemoved = false;

  const error = await assertRejects(
    () => cache.remove(CONTENT, () => Promise.resolve(isRemoved = true)),
    CacheError,
  ) as CacheError;

  assertEquals([error.code, isRemoved], ["unavailable", false]);
});

Deno.test("RedisDescriptorCache does not remember what took long to load", async () => {
  const { redis, sent } = fakeRedis(() => 0);
  let nowMs = 0;
  const cache = cacheOn(redis, () => nowMs);

  await cache.hasManifest(CONTENT, () => {
    nowMs = 60_001;
    return Promise.resolve(true);
  });

  assertEquals(sent.includes("EVAL"), false);
});

Deno.test("RedisDescriptorCache believes only whole descriptors", async () => {
  const wrong: readonly unknown[] = [
    [null, null],
    [DIGEST, null],
    [DIGEST, "-1"],
    [DIGEST, "1e3"],
    [DIGEST, "99999999999999999"],
    ["sha256:other", "7"],
    "text",
  ];
  for (const descriptor of wrong) {
    const { redis } = fakeRedis(([name, key]) => {
      if (name === "HMGET") return descriptor;
      return name === "SISMEMBER" && !String(key).includes("manifests") ? 1 : 0;
    });
    assertEquals(await cacheOn(redis).blobSize(CONTENT, () => Promise.resolve(8)), 8);
  }
});

for (const kind of ["distribution2", "distribution3"] as const) {
  const program = kind === "distribution2" ? "docker-registry" : "registry";

  testWith(["redis-server", program], {
    name: `RedisDescriptorCache shares one Redis with ${kind}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      await using server = await startRedis();
      const redis = kind === "distribution2" ? { addr: server.addr } : { addrs: [server.addr] };
      await using registry = await startRegistry(kind, {
        folder: temp.path,
        config: {
          storage: {
            filesystem: { rootdirectory: temp.join("data") },
            delete: { enabled: true },
            cache: { blobdescriptor: "redis" },
          },
          redis,
        },
      });
      const config = redisConfig({ addrs: [server.addr] });
      const cache = cacheOn(await connectRedis(config, { log: SILENT }));
      try {
        const repository = { url: registry.url, name: CONTENT.repository };
        const url = blobUrl(repository, DIGEST);
        const unknown = () => Promise.reject(new Error("loaded"));

        // What it knows we know.
        const blob = { bytes: toBytes("content"), digest: DIGEST, mediaType: "" };
        await pushBlob(repository, blob);
        await request(url, { method: "HEAD" });
        assertEquals(await cache.blobSize(CONTENT, unknown), 7);

        // What it deletes we do not know any more, and the other way round.
        await (await request(url, { method: "DELETE", expect: [202] })).body?.cancel();
        await assertRejects(() => cache.blobSize(CONTENT, unknown), Error, "loaded");
        await pushBlob(repository, blob);
        await request(url, { method: "HEAD" });
        await cache.remove(CONTENT, () => Deno.remove(linkOf(temp)));
        await request(url, { method: "HEAD", expect: [404] });

        // What we know it knows.
        const other = { repository: "foo/other", digest: DIGEST };
        await cache.blobSize(other, () => Promise.resolve(7));
        const elsewhere = blobUrl({ ...repository, name: other.repository }, DIGEST);
        const head = await request(elsewhere, { method: "HEAD" });
        assertEquals(head.headers.get("Content-Length"), "7");
      } finally {
        cache.close();
      }
    },
  });
}

function linkOf(temp: TempFolder): string {
  const [, hex = ""] = DIGEST.split(":");
  const layers = `data/docker/registry/v2/repositories/${CONTENT.repository}/_layers`;
  return temp.join(layers, "sha256", hex, "link");
}
