import { assertEquals } from "@std/assert";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { PULL_THROUGH_INSTRUMENTS } from "../../src/metrics/instruments/pull_through_instruments.ts";
import { errorCodes } from "../api/_registry.ts";
import { bytesOf, type Cache, type CacheOptions, startCache } from "./_cache.ts";

const TAG = "/v2/lib/app/manifests/v1";

async function withImage(options: CacheOptions = {}) {
  const cache = await startCache(options);
  const image = await cache.upstream.registry.pushImage("lib/app", { reference: "v1" });
  return { cache, image };
}

async function digestOf(cache: Cache): Promise<string | null> {
  const response = await cache.send("GET", TAG);
  await bytesOf(response);
  return response.headers.get("docker-content-digest");
}

Deno.test("PullThroughTags fetches a tag that is not here with one request", async () => {
  const { cache, image } = await withImage();
  assertEquals(await bytesOf(await cache.send("GET", TAG)), image.bytes);
  assertEquals(cache.upstream.requests, ["GET lib/app/manifests/v1"]);
});

Deno.test("PullThroughTags asks again when the interval has passed, with HEAD", async () => {
  const { cache, image } = await withImage();
  await digestOf(cache);
  cache.upstream.takeRequests();
  await digestOf(cache);
  assertEquals(cache.upstream.takeRequests(), []);
  await cache.clock.pass(60_000);
  assertEquals(await digestOf(cache), image.digest);
  assertEquals(cache.upstream.takeRequests(), ["HEAD lib/app/manifests/v1"]);
});

Deno.test("PullThroughTags sees a tag that has moved", async () => {
  const { cache } = await withImage();
  await digestOf(cache);
  const moved = await cache.upstream.registry.pushImage("lib/app", {
    reference: "v1",
    layer: "another layer",
  });
  await cache.clock.pass(60_000);
  assertEquals(await digestOf(cache), moved.digest);
});

Deno.test("PullThroughTags asks with GET where HEAD is not answered", async () => {
  const { cache, image } = await withImage();
  await digestOf(cache);
  cache.upstream.misbehave = (request) =>
    request.method === "HEAD" ? new Response(null, { status: 405 }) : undefined;
  await cache.clock.pass(60_000);
  cache.upstream.takeRequests();
  assertEquals(await digestOf(cache), image.digest);
  assertEquals(cache.upstream.takeRequests(), [
    "HEAD lib/app/manifests/v1",
    "GET lib/app/manifests/v1",
  ]);
});

Deno.test("PullThroughTags asks at each pull with an interval of 0, as Distribution", async () => {
  const { cache } = await withImage({ settings: { freshnessMs: 0 } });
  for (let round = 0; round < 3; round++) await digestOf(cache);
  assertEquals(cache.upstream.requests.length, 3);
});

Deno.test("PullThroughTags of another thread or replica need not ask either", async () => {
  const { cache, image } = await withImage();
  await digestOf(cache);
  const { upstream, driver, clock } = cache;
  const other = await startCache({ upstream, driver, clock });
  upstream.takeRequests();
  assertEquals(await digestOf(other), image.digest);
  assertEquals(upstream.takeRequests(), []);
});

Deno.test("PullThroughTags serves what is here, with a warning, while the upstream fails", async () => {
  const failures = [
    () => Promise.reject(new TypeError("connection refused")),
    () => new Response(null, { status: 503 }),
    () => new Response(null, { status: 429, headers: { "retry-after": "5" } }),
    () => new Response(null, { status: 401 }),
  ];
  for (const failure of failures) {
    const { cache, image } = await withImage();
    await digestOf(cache);
    cache.upstream.misbehave = failure;
    await cache.clock.pass(60_000);
    for (let round = 0; round < 2; round++) {
      const response = await cache.send("GET", TAG);
      assertEquals(response.headers.get("docker-content-digest"), image.digest);
      const warning = '299 - "This tag may be old: upstream.test did not say what it is now"';
      assertEquals(response.headers.get("warning"), warning);
      await bytesOf(response);
    }
    assertEquals(sumOf(cache.meter.snapshot(), PULL_THROUGH_INSTRUMENTS.stale), 2);
    cache.upstream.misbehave = () => undefined;
    await cache.clock.pass(60_000);
    const fresh = await cache.send("GET", TAG);
    assertEquals(fresh.headers.get("warning"), null);
    await bytesOf(fresh);
  }
});

Deno.test("PullThroughTags leaves an upstream alone for as long as it wants", async () => {
  const { cache } = await withImage();
  await digestOf(cache);
  cache.upstream.misbehave = () =>
    new Response(null, { status: 429, headers: { "retry-after": "600" } });
  await cache.clock.pass(60_000);
  cache.upstream.takeRequests();
  for (let minute = 0; minute < 9; minute++) {
    await digestOf(cache);
    await cache.clock.pass(60_000);
  }
  assertEquals(cache.upstream.takeRequests().length, 1);
});

Deno.test("PullThroughTags keeps a tag that is gone upstream, and says so", async () => {
  const { cache, image } = await withImage();
  await digestOf(cache);
  await cache.upstream.registry.send("DELETE", TAG);
  await cache.clock.pass(60_000);
  const response = await cache.send("GET", TAG);
  assertEquals(response.headers.get("docker-content-digest"), image.digest);
  assertEquals(
    response.headers.get("warning"),
    '299 - "This tag is gone from upstream.test: this is what it was"',
  );
  await bytesOf(response);
});

Deno.test("PullThroughTags remembers for a while that there is no such tag", async () => {
  const { cache } = await withImage();
  for (const expected of [1, 0]) {
    const response = await cache.send("GET", "/v2/lib/app/manifests/none");
    assertEquals(response.status, 404);
    assertEquals(await errorCodes(response), ["MANIFEST_UNKNOWN"]);
    assertEquals(cache.upstream.takeRequests().length, expected);
  }
});

Deno.test("PullThroughTags lists the upstream's tags in pages, or its own when that is away", async () => {
  const { cache } = await withImage();
  for (const reference of ["v2", "v3"]) {
    await cache.upstream.registry.pushImage("lib/app", { reference });
  }
  await digestOf(cache);
  const tagsOf = async (query: string) => {
    const response = await cache.send("GET", `/v2/lib/app/tags/list${query}`);
    return (await response.json()).tags;
  };
  assertEquals(await tagsOf(""), ["v1", "v2", "v3"]);
  assertEquals(await tagsOf("?n=1&last=v1"), ["v2"]);
  await cache.clock.pass(60_000);
  cache.upstream.goAway();
  assertEquals(await tagsOf(""), ["v1"]);
});

Deno.test("PullThroughTags lists what is here where that is wanted", async () => {
  const { cache } = await withImage({ settings: { listing: "cached" } });
  await cache.upstream.registry.pushImage("lib/app", { reference: "v2" });
  await digestOf(cache);
  const response = await cache.send("GET", "/v2/lib/app/tags/list");
  assertEquals(await response.json(), { name: "lib/app", tags: ["v1"] });
});
