import { assertEquals } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { copyAhead, type WantedImages } from "../../src/proxy/copy_ahead.ts";
import { bytesOf, startCache } from "./_cache.ts";

const log = getLogger(["test"]);

async function withTags(...tags: readonly string[]) {
  const cache = await startCache();
  for (const reference of tags) {
    await cache.upstream.registry.pushImage("lib/app", { reference, layer: `layer ${reference}` });
  }
  const copy = (...wanted: readonly WantedImages[]) => copyAhead(cache.store, wanted, { log });
  return { cache, copy };
}

Deno.test("copyAhead copies the tags that are wanted, with all that they need", async () => {
  const { cache, copy } = await withTags("1.0", "1.1", "2.0", "latest", "11");
  const done = await copy({ repository: "lib/app", tags: ["1.*", "latest"] });
  assertEquals(done, {
    tags: 3,
    wantedTags: 3,
    failedTags: 0,
    manifests: 3,
    // The config is the same for all of them.
    blobs: 4,
    bytes: 2 + "layer 1.0layer 1.1layer latest".length,
  });
  cache.upstream.goAway();
  const wanted = await cache.send("GET", "/v2/lib/app/manifests/1.0");
  const { layers } = JSON.parse(new TextDecoder().decode(await bytesOf(wanted)));
  const layer = await cache.send("GET", `/v2/lib/app/blobs/${layers[0].digest}`);
  assertEquals(new TextDecoder().decode(await bytesOf(layer)), "layer 1.0");
  const other = await cache.send("GET", "/v2/lib/app/manifests/2.0");
  assertEquals(other.ok, false);
  await other.body?.cancel();
});

Deno.test("copyAhead goes on behind what it cannot copy, and counts it", async () => {
  const { copy } = await withTags("v1");
  const done = await copy(
    { repository: "lib/none", tags: ["*"] },
    { repository: "lib/app", tags: ["none", "v1"] },
  );
  assertEquals([done.tags, done.wantedTags, done.failedTags, done.blobs], [3, 3, 2, 2]);
});

Deno.test("copyAhead fetches nothing again", async () => {
  const { cache, copy } = await withTags("v1");
  const wanted = { repository: "lib/app", tags: ["v1"] };
  const first = await copy(wanted);
  cache.upstream.takeRequests();
  assertEquals(await copy(wanted), first);
  assertEquals(cache.upstream.takeRequests(), []);
});

Deno.test("copyAhead ends when it is told to", async () => {
  const { cache } = await withTags("v1");
  const signal = AbortSignal.abort();
  const wanted = [{ repository: "lib/app", tags: ["v1"] }];
  const done = await copyAhead(cache.store, wanted, { log, signal });
  assertEquals([done.tags, done.wantedTags], [0, 1]);
});
