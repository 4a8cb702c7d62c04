import { assertEquals } from "@std/assert";
import { bytesOf, type Cache, startCache, Upstream } from "./_cache.ts";

async function listOf(cache: Cache, query = ""): Promise<readonly string[]> {
  const response = await cache.send("GET", `/v2/_catalog${query}`);
  return JSON.parse(new TextDecoder().decode(await bytesOf(response))).repositories;
}

/** An upstream with two repositories, one of which is here. */
async function withCopies(catalog: "cached" | "upstream"): Promise<Cache> {
  const cache = await startCache({ prefix: "hub", settings: { catalog } });
  for (const name of ["lib/app", "lib/base"]) {
    await cache.upstream.registry.pushImage(name, { reference: "v1" });
  }
  await bytesOf(await cache.send("GET", "/v2/hub/lib/app/manifests/v1"));
  cache.upstream.takeRequests();
  return cache;
}

Deno.test("PullThroughCatalog tells what is here, without asking", async () => {
  const cache = await withCopies("cached");
  assertEquals(await listOf(cache), ["hub/lib/app"]);
  assertEquals(cache.upstream.requests, []);
});

Deno.test("PullThroughCatalog has what the upstream has too, in pages, and asks seldom", async () => {
  const cache = await withCopies("upstream");
  assertEquals(await listOf(cache), ["hub/lib/app", "hub/lib/base"]);
  assertEquals(await listOf(cache, "?n=1"), ["hub/lib/app"]);
  assertEquals(await listOf(cache, "?n=1&last=hub/lib/app"), ["hub/lib/base"]);
  assertEquals(cache.upstream.takeRequests(), ["GET _catalog"]);
  await cache.upstream.registry.pushImage("lib/new", { reference: "v1" });
  await cache.clock.pass(61_000);
  assertEquals(await listOf(cache), ["hub/lib/app", "hub/lib/base", "hub/lib/new"]);
});

Deno.test("PullThroughCatalog tells what it knows while the upstream is away or refuses", async () => {
  const fresh = await startCache({ settings: { catalog: "upstream" } });
  fresh.upstream.misbehave = () => new Response(null, { status: 401 });
  assertEquals(await listOf(fresh), []);
  const cache = await withCopies("upstream");
  await listOf(cache);
  cache.upstream.goAway();
  await cache.clock.pass(61_000);
  assertEquals(await listOf(cache), ["hub/lib/app", "hub/lib/base"]);
});

Deno.test("PullThroughCatalog leaves out what is no name of a repository", async () => {
  const upstream = new Upstream();
  const cache = await startCache({ upstream, settings: { catalog: "upstream" } });
  upstream.misbehave = () => Response.json({ repositories: ["good", "../bad", "Bad Name", 7] });
  assertEquals(await listOf(cache), ["good"]);
});
