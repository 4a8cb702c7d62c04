import { assertEquals, assertRejects } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { readAll, TooLargeError } from "../../src/base/read_all.ts";

const OPTIONS = { maxBytes: 200_000, idleTimeoutMs: 10_000 };

function streamOf(...chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks);
}

Deno.test("readAll joins what a stream gives", async () => {
  const large = new Uint8Array(150_000).map((_, index) => index);

  assertEquals(
    toText(await readAll(streamOf(toBytes("one "), toBytes("two")), OPTIONS)),
    "one two",
  );
  assertEquals((await readAll(streamOf(), OPTIONS)).byteLength, 0);
  assertEquals(await readAll(streamOf(large), OPTIONS), large);
});

Deno.test("readAll takes as much as is allowed, and not a byte more", async () => {
  const exact = await readAll(streamOf(new Uint8Array(200_000)), OPTIONS);

  assertEquals(exact.byteLength, 200_000);
  await assertRejects(() => readAll(streamOf(new Uint8Array(200_001)), OPTIONS), TooLargeError);
});

Deno.test("readAll gives nothing of a stream that fails", async () => {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(toBytes("half"));
      controller.error(new Error("connection reset"));
    },
  });

  await assertRejects(() => readAll(stream, OPTIONS), Error, "connection reset");
});
