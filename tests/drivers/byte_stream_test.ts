import { assertEquals, assertRejects } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { type ByteSource, byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";

const TEXT = "the quick brown fox";

/** A source of {@linkcode TEXT} that gives at most `most` bytes at a time, and what became of it. */
function makeSource(most = Infinity): { source: ByteSource; closed: number; reads: number } {
  const inner = chunkSource([toBytes(TEXT)]);
  const made = {
    closed: 0,
    reads: 0,
    source: {
      read(view: Uint8Array<ArrayBuffer>) {
        made.reads++;
        return Promise.resolve(inner.read(view.subarray(0, most)));
      },
      close() {
        made.closed++;
      },
    },
  };
  return made;
}

function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}

Deno.test("byteStream gives as many bytes as it was told, then closes the source", async () => {
  for (const most of [1, 4, Infinity]) {
    const made = makeSource(most);
    assertEquals(await textOf(byteStream(made.source, TEXT.length)), TEXT);
    assertEquals(made.closed, 1);
    assertEquals(await textOf(byteStream(makeSource(most).source, 9)), "the quick");
  }
});

Deno.test("byteStream of no bytes closes the source at once", async () => {
  const made = makeSource();
  const stream = byteStream(made.source, 0);
  assertEquals([made.closed, made.reads], [1, 0]);
  assertEquals(await textOf(stream), "");
});

Deno.test("byteStream reads nothing before it is asked to", async () => {
  const made = makeSource(4);
  const reader = byteStream(made.source, TEXT.length).getReader();
  await Promise.resolve();
  assertEquals(made.reads, 0);
  await reader.read();
  assertEquals(made.reads, 1);
  await reader.cancel();
});

Deno.test("byteStream fills the buffer of its reader, also at the end", async () => {
  for (const most of [1, 4, Infinity]) {
    const reader = byteStream(makeSource(most).source, TEXT.length).getReader({ mode: "byob" });
    const first = await reader.read(new Uint8Array(10), { min: 10 });
    assertEquals(toText(first.value ?? new Uint8Array()), TEXT.slice(0, 10));
    const last = await reader.read(new Uint8Array(50), { min: 50 });
    assertEquals(toText(last.value ?? new Uint8Array()), TEXT.slice(10));
    assertEquals((await reader.read(new Uint8Array(1))).done, true);
  }
});

Deno.test("byteStream closes the source once when it is cancelled", async () => {
  const made = makeSource();
  const reader = byteStream(made.source, TEXT.length).getReader();
  const reading = reader.read();
  await reader.cancel();
  assertEquals((await reading).done, true);
  assertEquals(made.closed, 1);
});

Deno.test("byteStream closes the source and fails when reading fails", async () => {
  let closed = 0;
  const stream = byteStream({
    read: () => Promise.reject(new Error("broken disk")),
    close() {
      closed++;
    },
  }, 5);
  await assertRejects(() => textOf(stream), Error, "broken disk");
  assertEquals(closed, 1);
});

Deno.test("chunkSource reads across chunks from any offset", async () => {
  const chunks = ["th", "", "e quick", " ", "brown fox"].map(toBytes);
  for (let offset = 0; offset < TEXT.length; offset++) {
    for (const size of [1, 3, 8, 100]) {
      const source = chunkSource(chunks, offset);
      let text = "";
      while (text.length < TEXT.length - offset) {
        const view = new Uint8Array(size);
        text += toText(view.subarray(0, await source.read(view)));
      }
      assertEquals(text, TEXT.slice(offset));
    }
  }
});
