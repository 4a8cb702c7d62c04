import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { errorCodes, OCI_MANIFEST } from "../api/_registry.ts";
import { bytesOf, startCache } from "./_cache.ts";

Deno.test("PullThroughManifests fetches by digest, and needs the upstream no more", async () => {
  const cache = await startCache();
  const image = await cache.upstream.registry.pushImage("lib/app");
  const path = `/v2/lib/app/manifests/${image.digest}`;
  assertEquals(await bytesOf(await cache.send("GET", path)), image.bytes);
  cache.upstream.goAway();
  assertEquals(await bytesOf(await cache.send("GET", path)), image.bytes);
  assertEquals(cache.upstream.requests, [`GET lib/app/manifests/${image.digest}`]);
});

Deno.test("PullThroughManifests fetches once for all who ask at the same time", async () => {
  const cache = await startCache();
  const image = await cache.upstream.registry.pushImage("lib/app");
  const path = `/v2/lib/app/manifests/${image.digest}`;
  await Promise.all(Array.from({ length: 20 }, async () => bytesOf(await cache.send("GET", path))));
  assertEquals(cache.upstream.requests.length, 1);
});

Deno.test("PullThroughManifests keeps nothing that is not what its digest says", async () => {
  const cache = await startCache();
  const image = await cache.upstream.registry.pushImage("lib/app");
  const other = await cache.upstream.registry.pushImage("lib/app", { layer: "other" });
  const headers = { "content-type": OCI_MANIFEST };
  cache.upstream.misbehave = () => new Response(other.bytes, { headers });
  for (let round = 0; round < 2; round++) {
    const response = await cache.send("GET", `/v2/lib/app/manifests/${image.digest}`);
    assertEquals(response.status, 502);
    assertEquals(await errorCodes(response), ["UNKNOWN"]);
  }
  cache.upstream.misbehave = () => undefined;
  const path = `/v2/lib/app/manifests/${image.digest}`;
  assertEquals(await bytesOf(await cache.send("GET", path)), image.bytes);
});

Deno.test("PullThroughManifests refuses what is no manifest, and what is too large", async () => {
  for (const body of [toBytes("no manifest"), toBytes("{}"), new Uint8Array(5 * 1024 * 1024)]) {
    const cache = await startCache();
    cache.upstream.misbehave = () => new Response(body);
    const response = await cache.send("GET", `/v2/lib/app/manifests/${digestBytes(body)}`);
    assertEquals(response.status, 502);
    await response.body?.cancel();
  }
});

Deno.test("PullThroughManifests knows a manifest that the upstream calls plain JSON", async () => {
  const cache = await startCache();
  const image = await cache.upstream.registry.pushImage("lib/app");
  cache.upstream.misbehave = () =>
    new Response(image.bytes, { headers: { "content-type": "application/json; charset=utf-8" } });
  const response = await cache.send("GET", `/v2/lib/app/manifests/${image.digest}`);
  assertEquals(response.headers.get("content-type"), OCI_MANIFEST);
  await bytesOf(response);
});

Deno.test("PullThroughManifests puts the library before names of one part", async () => {
  const cache = await startCache({ prefix: "docker.io", library: "library" });
  const image = await cache.upstream.registry.pushImage("library/alpine", { reference: "v1" });
  for (const name of ["docker.io/alpine", "docker.io/library/alpine"]) {
    const response = await cache.send("GET", `/v2/${name}/manifests/v1`);
    assertEquals(await bytesOf(response), image.bytes);
  }
  assertEquals(cache.upstream.requests, ["GET library/alpine/manifests/v1"]);
});
