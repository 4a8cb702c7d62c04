import { assertEquals } from "@std/assert";
import { bytesOf, startCache } from "./_cache.ts";

Deno.test("createPullThroughStore lists what is here in the catalog", async () => {
  const cache = await startCache({ prefix: "docker.io" });
  await cache.upstream.registry.pushImage("lib/app", { reference: "v1" });
  const catalog = async () => (await (await cache.send("GET", "/v2/_catalog")).json()).repositories;
  assertEquals(await catalog(), []);
  await bytesOf(await cache.send("GET", "/v2/docker.io/lib/app/manifests/v1"));
  assertEquals(await catalog(), ["docker.io/lib/app"]);
});
