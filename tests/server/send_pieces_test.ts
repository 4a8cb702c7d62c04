import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";
import { PIECE_BYTES, PieceBuffers } from "../../src/server/piece_buffers.ts";
import { sendLent, sendPieces } from "../../src/server/send_pieces.ts";

const CONTENT = Uint8Array.from({ length: 5 * PIECE_BYTES + 7 }, (_, index) => index % 251);

function readerOf(content: Uint8Array): ReadableStreamBYOBReader {
  return byteStream(chunkSource([content]), content.byteLength).getReader({ mode: "byob" });
}

/** Looks at what is written only as late as it may: when it says that it is done with it. */
function slowWritable(): { outgoing: Writable; written: Uint8Array[] } {
  const written: Uint8Array[] = [];
  const outgoing = new Writable({
    highWaterMark: 1,
    write(chunk: Uint8Array, _encoding, callback) {
      setTimeout(() => {
        written.push(new Uint8Array(chunk));
        callback();
      }, 0);
    },
  });
  return { outgoing, written };
}

Deno.test("sendPieces uses a buffer again only when its bytes are out", async () => {
  for (const length of [0, 1, PIECE_BYTES, CONTENT.byteLength]) {
    const { outgoing, written } = slowWritable();
    const content = CONTENT.subarray(0, length);

    await sendPieces(readerOf(content), { outgoing, buffers: new PieceBuffers() });

    assertEquals(new Uint8Array(Buffer.concat(written)), content);
    assertEquals(outgoing.destroyed, false);
    outgoing.destroy();
  }
});

Deno.test("sendPieces takes two buffers at most at a time, and gives them back", async () => {
  const made = new Set<ArrayBuffer>();
  const given = new Set<ArrayBuffer>();
  const buffers = {
    take() {
      const buffer = new ArrayBuffer(PIECE_BYTES);
      made.add(buffer);
      assert(made.size - given.size <= 2);
      return buffer;
    },
    give: (buffer: ArrayBuffer) => void given.add(buffer),
  };
  const { outgoing } = slowWritable();

  await sendPieces(readerOf(CONTENT), { outgoing, buffers });

  assertEquals(given.size, made.size);
  outgoing.destroy();
});

Deno.test("sendPieces ends when the client has gone", async () => {
  const outgoing = new Writable({ write: () => {} });
  outgoing.on("error", () => {});
  const sending = sendPieces(readerOf(CONTENT), { outgoing, buffers: new PieceBuffers() });

  await new Promise((resolve) => setTimeout(resolve, 0));
  outgoing.destroy();

  await sending;
});

Deno.test("sendPieces fails as the body does", async () => {
  const { outgoing } = slowWritable();
  const source = { read: () => Promise.reject(new Error("broken disk")), close: () => {} };
  const reader = byteStream(source, 5).getReader({ mode: "byob" });

  const sending = sendPieces(reader, { outgoing, buffers: new PieceBuffers() });

  await assertRejects(() => sending, Error, "broken disk");
  outgoing.destroy();
});

Deno.test("sendLent is done with a chunk when it asks for the next", async () => {
  const { outgoing, written } = slowWritable();
  const lent = new Uint8Array(2);
  let chunks = 0;
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (chunks++ === 3) return controller.close();
      controller.enqueue(lent.fill(chunks));
    },
  }, { highWaterMark: 0 });

  await sendLent(stream.getReader(), outgoing);

  assertEquals(written, [1, 2, 3].map((value) => new Uint8Array(2).fill(value)));
  outgoing.destroy();
});

Deno.test("sendLent ends when the client has gone", async () => {
  const { outgoing } = slowWritable();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      controller.enqueue(new Uint8Array(1));
      outgoing.destroy();
    },
  });

  await sendLent(stream.getReader(), outgoing);
});
