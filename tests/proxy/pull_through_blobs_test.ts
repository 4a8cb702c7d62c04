import { assertEquals, assertRejects } from "@std/assert";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import { PROXY_INSTRUMENTS } from "../../src/metrics/instruments/proxy_instruments.ts";
import { errorCodes } from "../api/_registry.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { bytesOf, type Cache, startCache, Upstream } from "./_cache.ts";

const LARGE = randomBytes("large", 1_500_000);

async function withBlob(content: string | Uint8Array<ArrayBuffer> = LARGE) {
  const cache = await startCache();
  const digest = await cache.upstream.registry.pushBlob("lib/app", content);
  return { cache, digest, path: `/v2/lib/app/blobs/${digest}` };
}

/** An answer with the blob's bytes from `start` to `end`. */
function partOf(bytes: Uint8Array<ArrayBuffer>, start = 0, end = bytes.byteLength): Response {
  return new Response(bytes.slice(start, end), {
    status: start === 0 ? 200 : 206,
    headers: {
      "content-length": String(end - start),
      ...start === 0
        ? {}
        : { "content-range": `bytes ${start}-${bytes.byteLength - 1}/${bytes.byteLength}` },
    },
  });
}

/** A body that breaks off after some bytes. */
function breaking(bytes: Uint8Array<ArrayBuffer>, sizeBytes: number): Response {
  const parts = [bytes];
  const body = new ReadableStream({
    pull(controller) {
      const part = parts.shift();
      if (part === undefined) controller.error(new TypeError("connection reset"));
      else controller.enqueue(part);
    },
  });
  return new Response(body, { headers: { "content-length": String(sizeBytes) } });
}

function gets(cache: Cache, digest: Digest): number {
  return cache.upstream.requests.filter((line) => line === `GET lib/app/blobs/${digest}`).length;
}

Deno.test("PullThroughBlobs fetches a blob once, and then serves it without the upstream", async () => {
  const { cache, digest, path } = await withBlob();
  assertEquals(await bytesOf(await cache.send("GET", path)), LARGE);
  cache.upstream.goAway();
  const response = await cache.send("GET", path);
  assertEquals(response.headers.get("docker-content-digest"), digest);
  assertEquals(await bytesOf(response), LARGE);
  assertEquals(gets(cache, digest), 1);
});

Deno.test("PullThroughBlobs sends one request for any number of clients that come at once", async () => {
  const { cache, digest, path } = await withBlob();
  const bodies = await Promise.all(
    Array.from({ length: 60 }, async () => bytesOf(await cache.send("GET", path))),
  );
  for (const body of bodies) assertEquals(digestBytes(body), digest);
  assertEquals(gets(cache, digest), 1);
});

Deno.test("PullThroughBlobs asks with HEAD for a client that does, and fetches nothing", async () => {
  const { cache, digest, path } = await withBlob();
  const response = await cache.send("HEAD", path);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-length"), String(LARGE.byteLength));
  assertEquals(gets(cache, digest), 0);
});

Deno.test("PullThroughBlobs serves ranges of a blob that is not here yet", async () => {
  const { cache, path } = await withBlob();
  const response = await cache.send("GET", path, { range: "bytes=1000000-1200000" });
  assertEquals(response.status, 206);
  assertEquals(await bytesOf(response), LARGE.slice(1_000_000, 1_200_001));
});

Deno.test("PullThroughBlobs goes on by range where the upstream broke off", async () => {
  const { cache, digest, path } = await withBlob();
  const ranges: (string | null)[] = [];
  cache.upstream.misbehave = (request) => {
    if (request.method !== "GET") return undefined;
    ranges.push(request.headers.get("range"));
    return ranges.length === 1 ? breaking(LARGE.slice(0, 700_000), LARGE.byteLength) : undefined;
  };
  assertEquals(await bytesOf(await cache.send("GET", path)), LARGE);
  assertEquals(ranges, [null, "bytes=700000-"]);
  assertEquals(gets(cache, digest), 2);
});

Deno.test("PullThroughBlobs goes on where the upstream knows no ranges", async () => {
  const { cache, path } = await withBlob();
  let answers = 0;
  cache.upstream.misbehave = (request) => {
    if (request.method !== "GET") return undefined;
    answers++;
    return answers === 1 ? breaking(LARGE.slice(0, 600_000), LARGE.byteLength) : partOf(LARGE);
  };
  assertEquals(await bytesOf(await cache.send("GET", path)), LARGE);
});

Deno.test("PullThroughBlobs goes on for the others when the first client leaves", async () => {
  const { cache, digest, path } = await withBlob();
  const release = Promise.withResolvers<void>();
  cache.upstream.misbehave = async (request) => {
    if (request.method === "GET") await release.promise;
    return partOf(LARGE);
  };
  const first = cache.send("GET", path);
  const second = cache.send("GET", path);
  release.resolve();
  await (await first).body?.cancel();
  assertEquals(await bytesOf(await second), LARGE);
  assertEquals(gets(cache, digest), 1);
});

Deno.test("PullThroughBlobs cuts the connection for content that is wrong, and keeps nothing", async () => {
  const { cache, digest, path } = await withBlob();
  const wrong = LARGE.slice();
  wrong[1_000_000] = (wrong[1_000_000] ?? 0) ^ 1;
  cache.upstream.misbehave = (request) => request.method === "GET" ? partOf(wrong) : undefined;
  const response = await cache.send("GET", path);
  let received = 0;
  await assertRejects(async () => {
    for await (const chunk of response.body ?? []) received += chunk.byteLength;
  });
  assertEquals(received < LARGE.byteLength, true);

  // The second time nothing of it goes out at all.
  const again = await cache.send("GET", path);
  assertEquals(again.status, 502);
  await again.body?.cancel();

  cache.upstream.misbehave = () => undefined;
  assertEquals(await bytesOf(await cache.send("GET", path)), LARGE);
  assertEquals(gets(cache, digest), 3);
});

Deno.test("PullThroughBlobs refuses a blob that is longer or shorter than was said", async () => {
  for (const length of [LARGE.byteLength - 1, LARGE.byteLength + 1]) {
    const { cache, path } = await withBlob();
    const body = length < LARGE.byteLength ? LARGE.slice(0, length) : new Uint8Array(length);
    cache.upstream.misbehave = (request) =>
      request.method === "GET" ? partOf(body, 0, length) : undefined;
    const response = await cache.send("GET", path);
    assertEquals(response.status, 502);
    await response.body?.cancel();
  }
});

Deno.test("PullThroughBlobs waits for a blob whose length is not known", async () => {
  const { cache, path } = await withBlob();
  cache.upstream.misbehave = (request) =>
    request.method === "HEAD" ? new Response(null) : new Response(LARGE.slice());
  assertEquals(await bytesOf(await cache.send("GET", path)), LARGE);
});

Deno.test("PullThroughBlobs remembers for a while what the upstream has not", async () => {
  const { cache, path } = await withBlob();
  const missing = path.replace(/.{8}$/, "00000000");
  for (const expected of [1, 0]) {
    const response = await cache.send("GET", missing);
    assertEquals(response.status, 404);
    assertEquals(await errorCodes(response), ["BLOB_UNKNOWN"]);
    assertEquals(cache.upstream.takeRequests().length, expected);
  }
  await cache.clock.pass(11_000);
  await (await cache.send("GET", missing)).body?.cancel();
  assertEquals(cache.upstream.takeRequests().length, 1);
});

Deno.test("PullThroughBlobs tells of an upstream that refuses", async () => {
  for (
    const [status, expected, code] of [
      [401, 401, "UNAUTHORIZED"],
      [403, 403, "DENIED"],
      [429, 429, "TOOMANYREQUESTS"],
      [500, 502, "UNKNOWN"],
    ] as const
  ) {
    const { cache, path } = await withBlob();
    cache.upstream.misbehave = () => new Response(null, { status });
    const response = await cache.send("GET", path);
    assertEquals(response.status, expected);
    assertEquals(await errorCodes(response), [code]);
  }
});

Deno.test("PullThroughBlobs counts requests, hits, misses and bytes as Distribution does", async () => {
  const { cache, path } = await withBlob("some bytes");
  for (let round = 0; round < 3; round++) {
    await bytesOf(await cache.send("GET", path));
    // Whoever comes before the blob is in its place is a miss too.
    await cache.store.close();
  }
  const counted = Object.values(PROXY_INSTRUMENTS).map((instrument) =>
    sumOf(cache.meter.snapshot(), instrument, { type: "blob" })
  );
  assertEquals(counted, [3, 2, 1, 10, 30]);
});

Deno.test("PullThroughBlobs leaves repositories without an upstream alone", async () => {
  const cache = await startCache({ prefix: "docker.io" });
  const started = await cache.send("POST", "/v2/team/app/blobs/uploads/");
  assertEquals(started.status, 202);
  const digest = await cache.upstream.registry.pushBlob("lib/app", "x");
  assertEquals((await cache.send("GET", `/v2/team/app/blobs/${digest}`)).status, 404);
  assertEquals(cache.upstream.requests, []);
  const copied = await cache.send("GET", `/v2/docker.io/lib/app/blobs/${digest}`);
  assertEquals(await copied.text(), "x");
  // The client has the last byte before the blob is in its place.
  await cache.store.close();
  const mounted = await cache.send(
    "POST",
    `/v2/team/app/blobs/uploads/?mount=${digest}&from=docker.io/lib/app`,
  );
  assertEquals(mounted.status, 201);
});

Deno.test("PullThroughBlobs mounts from the one name of a copy alone", async () => {
  const cache = await startCache({ prefix: "hub", library: "library" });
  const digest = await cache.upstream.registry.pushBlob("library/app", "x");
  await bytesOf(await cache.send("GET", `/v2/hub/library/app/blobs/${digest}`));
  for (const [from, status] of [["hub/app", 202], ["hub/library/app", 201]] as const) {
    const path = `/v2/team/app/blobs/uploads/?mount=${digest}&from=${from}`;
    assertEquals((await cache.send("POST", path)).status, status, from);
  }
});

Deno.test("PullThroughBlobs refuses pushes and deletes to copies", async () => {
  const { cache, path } = await withBlob();
  for (
    const [method, target] of [
      ["POST", "/v2/lib/app/blobs/uploads/"],
      ["DELETE", path],
      ["DELETE", "/v2/lib/app/manifests/v1"],
    ] as const
  ) {
    const response = await cache.send(method, target);
    assertEquals(response.status, 405);
    assertEquals(await errorCodes(response), ["UNSUPPORTED"]);
  }
});

Deno.test("PullThroughBlobs of two threads fetch a blob once between them", async () => {
  const upstream = new Upstream();
  const one = await startCache({ upstream });
  const other = await startCache({ upstream, driver: one.driver });
  const digest = await upstream.registry.pushBlob("lib/app", LARGE);
  const path = `/v2/lib/app/blobs/${digest}`;
  const bodies = await Promise.all(
    [one, other, one, other].map(async ({ send }) => bytesOf(await send("GET", path))),
  );
  for (const body of bodies) assertEquals(digestBytes(body), digest);
  assertEquals(gets(one, digest), 1);
});

Deno.test("PullThroughBlobs fetches a blob of two repositories once, when the second has it too", async () => {
  const { cache, digest, path } = await withBlob();
  await bytesOf(await cache.send("GET", path));
  await cache.store.close();
  await cache.upstream.registry.pushBlob("lib/other", LARGE);
  cache.upstream.takeRequests();
  const other = path.replace("lib/app", "lib/other");
  const bodies = await Promise.all(
    [1, 2, 3].map(async () => bytesOf(await cache.send("GET", other))),
  );
  for (const body of bodies) assertEquals(digestBytes(body), digest);
  assertEquals(cache.upstream.takeRequests(), [`HEAD lib/other/blobs/${digest}`]);
  cache.upstream.goAway();
  assertEquals(await bytesOf(await cache.send("GET", other)), LARGE);
});

Deno.test("PullThroughBlobs fetches a blob once that several repositories are asked for at once", async () => {
  const cache = await startCache();
  const { registry } = cache.upstream;
  const names = ["lib/app", "lib/other", "lib/third"];
  for (const name of names) await registry.pushBlob(name, LARGE);
  const digest = digestBytes(LARGE);
  const rest = Promise.withResolvers<void>();
  cache.upstream.misbehave = ({ method }) => {
    if (method !== "GET") return undefined;
    let parts = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (parts++ === 0) return controller.enqueue(LARGE.slice(0, 1000));
        await rest.promise;
        controller.enqueue(LARGE.slice(1000));
        controller.close();
      },
    });
    return new Response(body, { headers: { "content-length": String(LARGE.byteLength) } });
  };
  const answers: Response[] = [];
  for (const name of names) answers.push(await cache.send("GET", `/v2/${name}/blobs/${digest}`));
  assertEquals((await cache.send("GET", `/v2/lib/none/blobs/${digest}`)).status, 404);
  rest.resolve();
  for (const answer of answers) assertEquals(await bytesOf(answer), LARGE);
  assertEquals(cache.upstream.takeRequests().toSorted(), [
    `GET lib/app/blobs/${digest}`,
    `HEAD lib/app/blobs/${digest}`,
    `HEAD lib/none/blobs/${digest}`,
    `HEAD lib/other/blobs/${digest}`,
    `HEAD lib/third/blobs/${digest}`,
  ]);
  await cache.store.close();
  cache.upstream.goAway();
  for (const name of names) {
    assertEquals(await bytesOf(await cache.send("GET", `/v2/${name}/blobs/${digest}`)), LARGE);
  }
});

Deno.test("PullThroughBlobs gives nobody a stored blob that the upstream's repository has not", async () => {
  const { cache, path } = await withBlob();
  await bytesOf(await cache.send("GET", path));
  await cache.store.close();
  const other = path.replace("lib/app", "lib/other");
  assertEquals((await cache.send("GET", other)).status, 404);
  cache.upstream.misbehave = () => new Response(null, { status: 403 });
  assertEquals((await cache.send("GET", path.replace("lib/app", "lib/third"))).status, 403);
  const own = await startCache({ prefix: "hub", driver: cache.driver, upstream: cache.upstream });
  cache.upstream.misbehave = () => undefined;
  assertEquals((await own.send("GET", path.replace("lib/app", "hub/lib/secret"))).status, 404);
});
