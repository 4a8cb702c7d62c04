import { assertEquals, assertRejects } from "@std/assert";
import { BLOCK_BYTES, BlockMemory } from "../../src/proxy/block_memory.ts";
import { incomingStream, type IncomingStreamOptions } from "../../src/proxy/incoming_stream.ts";
import { SharedBlocks } from "../../src/proxy/shared_blocks.ts";
import { ManualTimers } from "../support/manual_timers.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Blob = Awaited<ReturnType<IncomingStreamOptions["open"]>>;

function start(blob: Blob, sizeBytes: number | undefined) {
  const told: string[] = [];
  const stop = new AbortController();
  const timers = new ManualTimers();
  const memory = new BlockMemory(1);
  const stream = incomingStream({
    open: () => Promise.resolve(blob),
    offset: 5,
    sizeBytes,
    refusal: () => new Error("refused"),
    signal: stop.signal,
    onBegin: () => told.push("begin"),
    blocks: new SharedBlocks({ memory, isShared: () => false }),
    onBytes: () => told.push("bytes"),
    timers,
  });
  return { stream, told, stop, timers };
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

/** The chunks of a stream, each of which is valid for a moment. */
async function collect(stream: Blob["stream"]): Promise<number[][]> {
  const read: number[][] = [];
  for await (const chunk of stream) read.push([...chunk]);
  return read;
}

for (const type of ["bytes", undefined] as const) {
  const kind = type ?? "chunks";
  Deno.test(`incomingStream gathers ${kind} that come at once`, async () => {
    const { stream, told } = start({ stream: streamOf([2, 3], type), sizeBytes: 10 }, 10);
    assertEquals(await collect(stream), [[2, 2, 3, 3, 3]]);
    assertEquals(told, ["begin", "bytes"]);
  });

  Deno.test(`incomingStream gives out nothing of ${kind} beyond the length`, async () => {
    const { stream, told } = start({ stream: streamOf([2, 4], type), sizeBytes: 10 }, 10);
    await assertRejects(() => collect(stream), Error, "refused");
    assertEquals(told, ["begin"]);
  });

  Deno.test(`incomingStream cuts ${kind} at the ends of blocks`, async () => {
    const sizes = [BLOCK_BYTES - 7, 3, 1];
    const { stream } = start({ stream: streamOf(sizes, type), sizeBytes: undefined }, undefined);
    const lengths = (await collect(stream)).map((chunk) => chunk.length);
    assertEquals(lengths, [BLOCK_BYTES - 5, 2]);
  });
}

Deno.test("incomingStream gives out what has come when nothing follows for a moment", async () => {
  const rest = Promise.withResolvers<void>();
  let pulls = 0;
  const slow = new ReadableStream<Bytes>({
    async pull(controller) {
      if (pulls++ > 0) await rest.promise;
      controller.enqueue(new Uint8Array([pulls]));
      if (pulls === 2) controller.close();
    },
  }, { highWaterMark: 0 });
  const { stream, timers } = start({ stream: slow, sizeBytes: 7 }, 7);
  const reader = stream.getReader();
  const first = reader.read();
  await timers.pass(0);
  await timers.pass(10);
  assertEquals((await first).value, new Uint8Array([1]));
  rest.resolve();
  assertEquals((await reader.read()).value, new Uint8Array([2]));
  assertEquals((await reader.read()).done, true);
});

Deno.test("incomingStream gives out what had come before it fails", async () => {
  let pulls = 0;
  const broken = new ReadableStream<Bytes>({
    pull(controller) {
      if (pulls++ > 0) throw new Error("broken");
      controller.enqueue(new Uint8Array([1, 2]));
    },
  }, { highWaterMark: 0 });
  const { stream } = start({ stream: broken, sizeBytes: 9 }, 9);
  const reader = stream.getReader();
  assertEquals((await reader.read()).value, new Uint8Array([1, 2]));
  await assertRejects(() => reader.read(), Error, "broken");
});

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
