import { assertEquals, assertRejects } from "@std/assert";
import { incomingStream, type IncomingStreamOptions } from "../../src/proxy/incoming_stream.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Blob = Awaited<ReturnType<IncomingStreamOptions["open"]>>;

function start(blob: Blob, sizeBytes: number | undefined) {
  const told: [number, number][] = [];
  const stop = new AbortController();
  const stream = incomingStream({
    open: () => Promise.resolve(blob),
    offset: 5,
    sizeBytes,
    refusal: () => new Error("refused"),
    signal: stop.signal,
    onBegin: () => told.push([-1, 0]),
    onChunk: (bytes, offset) => told.push([offset, bytes.byteLength]),
  });
  return { stream, told, stop };
}

/** A stream of given chunks, with buffers of the reader's or without. */
function streamOf(chunks: readonly number[], type: "bytes" | undefined): Blob["stream"] {
  const left = [...chunks];
  const pull = (
    controller: ReadableByteStreamController | ReadableStreamDefaultController<Bytes>,
  ) => {
    const size = left.shift();
    if (size !== undefined) return controller.enqueue(new Uint8Array(size).fill(size));
    controller.close();
    if ("byobRequest" in controller) controller.byobRequest?.respond(0);
  };
  if (type === undefined) return new ReadableStream<Bytes>({ pull });
  return new ReadableStream({ type, pull });
}

/** All bytes of a stream whose chunks are valid for a moment. */
async function collect(stream: Blob["stream"]): Promise<number[]> {
  const read: number[] = [];
  for await (const chunk of stream) read.push(...chunk);
  return read;
}

for (const type of ["bytes", undefined] as const) {
  const kind = type ?? "chunks";
  Deno.test(`incomingStream passes ${kind} on, and tells where each is`, async () => {
    const { stream, told } = start({ stream: streamOf([2, 3], type), sizeBytes: 10 }, 10);
    assertEquals(await collect(stream), [2, 2, 3, 3, 3]);
    assertEquals(told, [[-1, 0], [5, 2], [7, 3]]);
  });

  Deno.test(`incomingStream gives out nothing of ${kind} beyond the length`, async () => {
    const { stream, told } = start({ stream: streamOf([2, 4], type), sizeBytes: 10 }, 10);
    await assertRejects(() => collect(stream), Error, "refused");
    assertEquals(told, [[-1, 0], [5, 2]]);
  });
}

Deno.test("incomingStream refuses an answer of another length before it begins", async () => {
  const { stream, told } = start({ stream: streamOf([1], undefined), sizeBytes: 11 }, 10);
  await assertRejects(() => collect(stream), Error, "refused");
  assertEquals(told, []);
});

Deno.test("incomingStream ends when it is told to", async () => {
  const { stream, stop } = start({ stream: streamOf([1], undefined), sizeBytes: 6 }, 6);
  stop.abort(new Error("stopped"));
  await assertRejects(() => collect(stream), Error, "stopped");
});
