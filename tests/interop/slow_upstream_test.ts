/**
 * Blobs from an upstream that takes its time, or falls silent.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { digestBytes } from "../../src/oci/digester.ts";
import { randomBytes } from "../support/random_bytes.ts";
import { bytesOf, startCache } from "../proxy/_cache.ts";

const BLOB = randomBytes("slow", 1_500_000);
const BREAK_AT = 700_000;

/** A body of two parts, the second of which comes when it may. */
function inTwoParts(mayGoOn: Promise<void>): Response {
  let parts = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (++parts === 1) return controller.enqueue(BLOB.slice(0, BREAK_AT));
      await mayGoOn;
      controller.enqueue(BLOB.slice(BREAK_AT));
      controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-length": String(BLOB.byteLength) } });
}

Deno.test("a cache passes on what a slow upstream has sent, to all who ask, before the rest comes", async () => {
  const cache = await startCache();
  const digest = await cache.upstream.registry.pushBlob("lib/app", BLOB);
  const rest = Promise.withResolvers<void>();
  cache.upstream.misbehave = ({ method }) =>
    method === "GET" ? inTwoParts(rest.promise) : undefined;
  const clients = await Promise.all([1, 2, 3].map(async () => {
    const { body } = await cache.send("GET", `/v2/lib/app/blobs/${digest}`);
    if (body === null) throw new Error("Cannot test: no body");
    const reader = body.getReader();
    const received: Uint8Array[] = [];
    let count = 0;
    while (count < 500_000) {
      const { value } = await reader.read();
      if (value === undefined) throw new Error("the blob ended too soon");
      received.push(value);
      count += value.byteLength;
    }
    return { reader, received };
  }));
  rest.resolve();
  for (const { reader, received } of clients) {
    for (let { value } = await reader.read(); value; { value } = await reader.read()) {
      received.push(value);
    }
    assertEquals(digestBytes(await new Response(new Blob(received as BlobPart[])).bytes()), digest);
  }
  const gets = cache.upstream.requests.filter((line) => line.startsWith("GET"));
  assertEquals(gets.length, 1);
});

Deno.test("a cache asks a silent upstream for the rest once more", async () => {
  const cache = await startCache({ idleTimeoutMs: 200 });
  const digest = await cache.upstream.registry.pushBlob("lib/app", BLOB);
  const ranges: (string | null)[] = [];
  const never = Promise.withResolvers<void>();
  cache.upstream.misbehave = ({ method, headers }) => {
    if (method !== "GET") return undefined;
    ranges.push(headers.get("range"));
    return ranges.length === 1 ? inTwoParts(never.promise) : undefined;
  };
  assertEquals(await bytesOf(await cache.send("GET", `/v2/lib/app/blobs/${digest}`)), BLOB);
  assertEquals(ranges, [null, `bytes=${BREAK_AT}-`]);
  never.resolve();
});
