import { assertEquals, assertThrows } from "@std/assert";
import { isForLargeViews, takesLargeViews, tryByteReader } from "../../src/base/byte_reader.ts";

Deno.test("tryByteReader reads into the buffer of whoever reads", async () => {
  const stream = new ReadableStream({
    type: "bytes",
    pull(controller) {
      controller.enqueue(Uint8Array.of(1, 2, 3));
      controller.close();
    },
  });

  const answer = await tryByteReader(stream)?.read(new Uint8Array(8));

  assertEquals(answer?.value, Uint8Array.of(1, 2, 3));
  assertEquals(answer?.value?.buffer.byteLength, 8);
});

Deno.test("tryByteReader leaves a stream alone that gives its own buffers", () => {
  const stream = new ReadableStream<Uint8Array>();

  assertEquals(tryByteReader(stream), undefined);

  assertEquals(stream.locked, false);
});

Deno.test("tryByteReader throws where somebody else reads", () => {
  const stream = new ReadableStream({ type: "bytes" });
  stream.getReader();

  assertThrows(() => tryByteReader(stream), TypeError);
});

Deno.test("isForLargeViews tells marked streams from others", () => {
  const marked = takesLargeViews(new ReadableStream({ type: "bytes" }));

  assertEquals(isForLargeViews(marked), true);
  assertEquals(isForLargeViews(new ReadableStream({ type: "bytes" })), false);
  const request = new Request("http://localhost/", { method: "PUT", body: marked });
  assertEquals(request.body !== null && isForLargeViews(request.body), true);
});
