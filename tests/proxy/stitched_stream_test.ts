import { assertEquals, assertRejects } from "@std/assert";
import { returnsChunks } from "../../src/base/lent_chunks.ts";
import { stitchedStream } from "../../src/proxy/stitched_stream.ts";

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
      return Promise.resolve({ bytes, giveBack: () => {} });
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

Deno.test("stitchedStream gives out what is held as it is, and keeps what nobody promised back", async () => {
  const given: Uint8Array[] = [];
  const stream = stitchedStream({
    offset: 1,
    end: 6,
    open({ offset, length }) {
      const bytes = CONTENT.slice(offset, offset + Math.min(2, length));
      given.push(bytes);
      return Promise.resolve({ bytes, giveBack: () => given.push(new Uint8Array()) });
    },
    onEnd: () => {},
  });
  const read: Uint8Array[] = [];
  for await (const chunk of stream) read.push(chunk);
  assertEquals(read.map((chunk) => [...chunk]), [[2, 3], [4, 5], [6]]);
  assertEquals(read.map((chunk, index) => chunk === given[index]), [true, true, true]);
  assertEquals(given.length, 3);
});

for (const reusable of [true, false]) {
  Deno.test(`stitchedStream gives a chunk back when the next is asked for, reusable: ${reusable}`, async () => {
    const back: [number, boolean][] = [];
    const stream = stitchedStream({
      offset: 0,
      end: 3,
      open: ({ offset }) =>
        Promise.resolve({
          bytes: CONTENT.slice(offset, offset + 1),
          giveBack: (may) => back.push([offset, may]),
        }),
      onEnd: () => {},
    });
    assertEquals(returnsChunks(stream, { reusable }), true);
    const reader = stream.getReader();
    await reader.read();
    assertEquals(back, []);
    await reader.read();
    assertEquals(back, [[0, reusable]]);
    // The system may have it for as long as it likes.
    await reader.cancel();
    assertEquals(back, [[0, reusable]]);
  });
}

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
