import { assertEquals, assertRejects } from "@std/assert";
import { returnsChunks } from "../../src/base/lent_chunks.ts";
import { byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";
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
      return Promise.resolve(new Blob([bytes]).stream());
    },
    pause: () => Promise.reject(new Error("every place has something")),
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

Deno.test("stitchedStream pauses after a place that has nothing, and only then", async () => {
  const asked: string[] = [];
  let empties = 2;
  const stream = stitchedStream({
    offset: 0,
    end: 2,
    open({ offset }) {
      asked.push(`open ${offset}`);
      const bytes = CONTENT.slice(offset, offset + (offset === 1 && empties-- > 0 ? 0 : 1));
      return Promise.resolve(new Blob([bytes]).stream());
    },
    pause() {
      asked.push("pause");
      return Promise.resolve();
    },
    onEnd: () => {},
  });
  assertEquals(await new Response(stream).bytes(), CONTENT.slice(0, 2));
  assertEquals(asked, ["open 0", "open 1", "pause", "open 1", "pause", "open 1"]);
});

Deno.test("stitchedStream gives out what is held as it is, and streams between", async () => {
  let turn = 0;
  const given: Uint8Array[] = [];
  const stream = stitchedStream({
    offset: 1,
    end: 6,
    open({ offset, length }) {
      const bytes = CONTENT.slice(offset, offset + Math.min(2, length));
      if (turn++ % 2 === 1) return Promise.resolve(byteStream(chunkSource([bytes]), bytes.length));
      given.push(bytes);
      return Promise.resolve({ bytes, giveBack: () => given.push(new Uint8Array()) });
    },
    pause: () => Promise.reject(new Error("every place has something")),
    onEnd: () => {},
  });
  const read: Uint8Array[] = [];
  for await (const chunk of stream) read.push(chunk);
  assertEquals(read.map((chunk) => [...chunk]), [[2, 3], [4, 5], [6]]);
  // Nobody has promised to give it back.
  assertEquals([given[0] === read[0], given[1] === read[2], given.length], [true, true, 2]);
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
      pause: () => Promise.reject(new Error("every place has something")),
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
