import { assert, assertEquals, assertRejects } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { IdleError, readPieces } from "../../src/base/read_pieces.ts";

const OPTIONS = { pieceBytes: 4, idleTimeoutMs: 10_000 };

/** A stream of chunks; one that can fill its reader's buffers, or one that cannot. */
function streamOf(chunks: readonly string[], kind: "bytes" | "chunks"): ReadableStream<Uint8Array> {
  const waiting = chunks.map((text) => toBytes(text));
  const source = {
    pull(controller: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>) {
      const chunk = waiting.shift();
      if (chunk !== undefined) return controller.enqueue(chunk as Uint8Array<ArrayBuffer>);
      controller.close();
      if ("byobRequest" in controller) controller.byobRequest?.respond(0);
    },
  };
  return kind === "bytes"
    ? new ReadableStream({ type: "bytes", ...source })
    : new ReadableStream(source);
}

async function texts(
  stream: ReadableStream<Uint8Array>,
  options: { readonly pieceBytes?: number } = {},
): Promise<string[]> {
  const found: string[] = [];
  for await (const piece of readPieces(stream, { ...OPTIONS, ...options })) {
    found.push(toText(piece));
  }
  return found;
}

for (const kind of ["bytes", "chunks"] as const) {
  Deno.test(`readPieces cuts a stream of ${kind} into pieces of one size`, async () => {
    const chunks = ["0", "12345678", "9"];
    assertEquals(await texts(streamOf(chunks, kind)), ["0123", "4567", "89"]);
    assertEquals(await texts(streamOf(["0123"], kind)), ["0123"]);
    assertEquals(await texts(streamOf([], kind)), []);
    const large = { pieceBytes: 100 };
    assertEquals(await texts(streamOf(["0123456789"], kind), large), ["0123456789"]);
  });
}

Deno.test("readPieces takes chunks that are large enough as they are", async () => {
  const chunks = ["1", "234", "56789", "abc"].map((text) => toBytes(text));
  const stream = ReadableStream.from(chunks);
  const found: string[] = [];
  const own: boolean[] = [];
  for await (const piece of readPieces(stream, { ...OPTIONS, leastBytes: 3 })) {
    found.push(toText(piece));
    own.push(chunks.every(({ buffer }) => buffer !== piece.buffer));
  }
  assertEquals(found, ["1234", "5678", "9abc"]);
  assertEquals(own, [true, false, true]);
});

Deno.test("readPieces gives what had arrived before it tells of a failure", async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(toBytes("01234"));
    },
    pull(controller) {
      controller.error(new Error("connection reset"));
    },
  }, { highWaterMark: 0 });
  const found: string[] = [];

  await assertRejects(
    async () => {
      for await (const piece of readPieces(stream, OPTIONS)) found.push(toText(piece));
    },
    Error,
    "connection reset",
  );

  assertEquals(found, ["0123", "4"]);
});

Deno.test("readPieces gives up on a stream that gives nothing for too long", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(toBytes("01")),
    cancel() {
      isCancelled = true;
    },
  });

  await assertRejects(async () => {
    for await (const _ of readPieces(stream, { pieceBytes: 4, idleTimeoutMs: 20 }));
  }, IdleError);

  assert(isCancelled);
});

Deno.test("readPieces cancels the stream when its reader leaves", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(toBytes("0123")),
    cancel() {
      isCancelled = true;
    },
  });

  for await (const _ of readPieces(stream, OPTIONS)) break;

  assert(isCancelled);
});
