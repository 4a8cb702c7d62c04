import { assertEquals, assertRejects } from "@std/assert";
import { getLogger } from "@logtape/logtape";
import { ClientError } from "../../src/client/errors.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFlight, type BlobFlightOptions } from "../../src/proxy/blob_flight.ts";
import { BlockMemory } from "../../src/proxy/block_memory.ts";
import { isStoreError, StoreError } from "../../src/storage/errors.ts";
import { TestRegistry } from "../api/_registry.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { randomBytes } from "../support/random_bytes.ts";

const CONTENT = randomBytes("flight", 900_000);
const DIGEST = digestBytes(CONTENT);

type Fetch = BlobFlightOptions["fetch"];

/** A flight to a storage in memory; time passes by hand. */
function start(
  fetch: Fetch,
  registry = new TestRegistry(),
  store: BlobFlightOptions["store"] = registry.store,
) {
  const timers = new ManualTimers();
  const flight = new BlobFlight({
    store,
    repository: "a",
    digest: DIGEST,
    sizeBytes: CONTENT.byteLength,
    trusted: true,
    fetch,
    host: "upstream.test",
    abandonAfterMs: 1000,
    memory: new BlockMemory(2),
    timers,
    log: getLogger(["test"]),
  });
  return { flight, timers, registry };
}

/** The content from `offset` on, up to `end`, where it stops without ending. */
function pieces(offset: number, end: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = offset;
  return new ReadableStream({
    pull(controller) {
      if (position >= end) return new Promise(() => {});
      controller.enqueue(CONTENT.slice(position, position + 300_000));
      position += 300_000;
    },
  });
}

Deno.test("BlobFlight ends when nobody has read for a while, and keeps what has come", async () => {
  const signals: AbortSignal[] = [];
  const { flight, timers, registry } = start((offset, signal) => {
    signals.push(signal);
    const stream = pieces(offset, 600_000);
    const reader = stream.getReader();
    return Promise.resolve({
      sizeBytes: CONTENT.byteLength,
      stream: new ReadableStream({
        async pull(controller) {
          const stopped = Promise.withResolvers<never>();
          signal.addEventListener("abort", () => stopped.reject(signal.reason));
          const { value } = await Promise.race([reader.read(), stopped.promise]);
          if (value !== undefined) controller.enqueue(value);
        },
      }),
    });
  });
  const failed = assertRejects(() => flight.done, StoreError);
  while (signals.length === 0) await timers.pass(0);
  for (let turn = 0; turn < 20; turn++) await timers.pass(0);
  await timers.pass(1000);
  await failed;
  assertEquals(signals[0]?.aborted, true);
  const id = `pull-through.${DIGEST.replace(":", ".")}`;
  const upload = await registry.store.uploads.find("a", id);
  assertEquals(upload.sizeBytes > 0, true);

  const offsets: number[] = [];
  const next = start((offset) => {
    offsets.push(offset);
    const stream = new Blob([CONTENT.slice(offset)]).stream();
    return Promise.resolve({ stream, sizeBytes: CONTENT.byteLength });
  }, registry);
  assertEquals((await next.flight.done).digest, DIGEST);
  assertEquals(offsets, [upload.sizeBytes]);
});

Deno.test("BlobFlight gives up when the upstream breaks off again and again", async () => {
  let tries = 0;
  const { flight, timers } = start(() => {
    tries++;
    const stream = new ReadableStream({
      pull: () => Promise.reject(new TypeError("connection reset")),
    });
    return Promise.resolve({ stream, sizeBytes: CONTENT.byteLength });
  });
  const failure = flight.done.then(() => undefined, (error: unknown) => error);
  const reader = flight.open().then((content) => new Response(content).bytes())
    .then(() => undefined, (error: unknown) => error);
  let error: unknown;
  failure.then((value) => error = value);
  while (error === undefined) await timers.pass(2000);
  assertEquals(isStoreError(error, "upstream_failed"), true);
  assertEquals(await reader === undefined, false);
  assertEquals(tries, 6);
});

Deno.test("BlobFlight does not wait for an upstream that is away", async () => {
  const { flight } = start(() => Promise.reject(new ClientError("unavailable", "away")));
  const error = await assertRejects(() => flight.done, StoreError);
  assertEquals((error as StoreError).code, "upstream_failed");
});

Deno.test("BlobFlight leaves nothing behind for a blob that the upstream has not", async () => {
  const { flight, registry } = start(() => Promise.reject(new ClientError("not_found", "none")));
  const error = await assertRejects(() => flight.done, StoreError);
  assertEquals((error as StoreError).code, "blob_unknown");
  const id = `pull-through.${DIGEST.replace(":", ".")}`;
  await assertRejects(() => registry.store.uploads.find("a", id), StoreError);
});

Deno.test("BlobFlight waits for the blob when the upload of another thread shows nothing any more", async () => {
  const registry = new TestRegistry();
  const { blobs, uploads } = registry.store;
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => {});
  const upload = { repository: "a", id: "x", sizeBytes: CONTENT.byteLength - 1, startedAtMs: 1 };
  const store: BlobFlightOptions["store"] = {
    blobs,
    uploads: {
      start: (repository, options) => uploads.start(repository, options),
      append: () => ended.promise,
      cancel: () => Promise.resolve(),
      find: () => Promise.resolve(upload),
      read: () => Promise.resolve(new Blob([]).stream()),
      commit: () => ended.promise,
    },
  };
  const { flight, timers } = start(() => Promise.reject(new Error("not asked")), registry, store);
  const reading = flight.open().then((content) => new Response(content).bytes());
  for (let turn = 0; turn < 5; turn++) await timers.pass(5);
  await registry.pushBlob("a", CONTENT);
  ended.reject(new StoreError("upload_unknown", { id: "x" }));
  assertEquals(await reading, CONTENT);
});

for (const [seen, foundBytes] of [["whole", CONTENT.byteLength], ["empty", 0]] as const) {
  Deno.test(`BlobFlight finds a blob that another thread has just stored, its upload ${seen}`, async () => {
    const registry = new TestRegistry();
    const { blobs, uploads } = registry.store;
    const id = `pull-through.${DIGEST.replace(":", ".")}`;
    await registry.pushBlob("a", CONTENT);
    // Its content has become the blob, and its folder is not removed yet.
    const emptied = await uploads.start("a", { id });
    const store: BlobFlightOptions["store"] = {
      blobs,
      uploads: {
        start: (repository, options) => uploads.start(repository, options),
        append: (upload, content) => uploads.append(upload, content),
        cancel: (upload) => uploads.cancel(upload),
        find: () => Promise.resolve({ ...emptied, sizeBytes: foundBytes }),
        read: (upload, part) => uploads.read(upload, part),
        commit: (upload, digest, content) => uploads.commit(upload, digest, content),
      },
    };
    const fetches: number[] = [];
    const { flight } = start(
      (offset) => {
        fetches.push(offset);
        return Promise.reject(new ClientError("unavailable", "away"));
      },
      registry,
      store,
    );
    assertEquals((await flight.done).digest, DIGEST);
    assertEquals(fetches, []);
  });
}
