import { assertEquals, assertRejects } from "@std/assert";
import { byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";
import { type ByteSupply, stitchedStream } from "../../src/proxy/stitched_stream.ts";

const CONTENT = new Uint8Array([1, 2, 3, 4, 5, 6, 7]);

function stitched(
  { pieceBytes, failAt = Infinity }: { readonly pieceBytes: number; readonly failAt?: number },
) {
  const ends: number[] = [];
  const stream = stitchedStream({
    offset: 1,
    end: 6,
    open({ offset, length }) {
      if (offset >= failAt) return Promise.reject(new Error("gone"));
      const bytes = CONTENT.slice(offset, offset + Math.min(pieceBytes, length));
      return Promise.resolve(new Blob([bytes]).stream());
    },
    onEnd: () => ends.push(1),
  });
  return { stream, ends };
}

Deno.test("stitchedStream joins what comes from one place after the other", async () => {
  for (const pieceBytes of [1, 2, 3, 100]) {
    const { stream, ends } = stitched({ pieceBytes });
    assertEquals(await new Response(stream).bytes(), CONTENT.slice(1, 6));
    assertEquals(ends.length, 1);
  }
});

Deno.test("stitchedStream fills a reader's own buffer, from whatever there is", async () => {
  const supplies: readonly ((part: Uint8Array<ArrayBuffer>) => ByteSupply)[] = [
    () => () => 0,
    (part) => part.slice(0, 2),
    (part) => (view) => {
      view.set(part.subarray(0, 1));
      return 1;
    },
    (part) => byteStream(chunkSource([part]), part.byteLength),
  ];
  for (const first of [0, 1, 2, 3]) {
    let opened = first;
    const stream = stitchedStream({
      offset: 1,
      end: 6,
      open({ offset, length }) {
        const supply = supplies[opened++ % supplies.length];
        if (supply === undefined) throw new Error("Cannot test: no supply");
        return Promise.resolve(supply(CONTENT.slice(offset, offset + length)));
      },
      onEnd: () => {},
    });
    const read: number[] = [];
    const reader = stream.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(3);
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (value !== undefined) read.push(...value);
      if (done || value === undefined) break;
      buffer = value.buffer;
      assertEquals(buffer.byteLength, 3);
    }
    assertEquals(read, [2, 3, 4, 5, 6]);
  }
});

Deno.test("stitchedStream fails with the place, and tells once that it ended", async () => {
  const { stream, ends } = stitched({ pieceBytes: 2, failAt: 3 });
  await assertRejects(() => new Response(stream).bytes(), Error, "gone");
  assertEquals(ends.length, 1);
});

Deno.test("stitchedStream tells that it ended when its reader leaves", async () => {
  const { stream, ends } = stitched({ pieceBytes: 2 });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  assertEquals(ends.length, 1);
});
