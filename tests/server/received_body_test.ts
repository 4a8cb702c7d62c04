import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { isForLargeViews } from "../../src/base/byte_reader.ts";
import { receivedBody } from "../../src/server/received_body.ts";

const CHUNK_BYTES = 65_536;

function makeIncoming(): IncomingMessage {
  return new IncomingMessage(new Socket());
}

/** A chunk in a buffer of its own, all of whose bytes are `byte`. */
function chunkOf(byte: number, sizeBytes = CHUNK_BYTES): Uint8Array<ArrayBuffer> {
  return new Uint8Array(sizeBytes).fill(byte);
}

/** Lets what was pushed arrive. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("receivedBody gives what comes, into views of any size or none", async () => {
  const content = Uint8Array.from({ length: 300_001 }, (_, index) => index % 251);
  for (const viewBytes of [undefined, 1000, 70_000, 500_000]) {
    const incoming = makeIncoming();
    const stream = receivedBody(incoming, {});
    for (let at = 0; at < content.length; at += 60_000) {
      incoming.push(content.slice(at, at + 60_000));
    }
    incoming.push(null);

    const pieces: Uint8Array[] = [];
    if (viewBytes === undefined) {
      for await (const piece of stream) pieces.push(piece);
    } else {
      const reader = stream.getReader({ mode: "byob" });
      for (;;) {
        const { done, value } = await reader.read(new Uint8Array(viewBytes));
        if (done) break;
        pieces.push(value);
      }
    }

    assertEquals(new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()), content);
  }
});

Deno.test("receivedBody says that views of any size do well", () => {
  assert(isForLargeViews(receivedBody(makeIncoming(), {})));
});

Deno.test("receivedBody takes no more than a few chunks that nobody reads", async () => {
  const incoming = makeIncoming();
  const stream = receivedBody(incoming, {});
  for (let chunk = 0; chunk < 4; chunk++) {
    incoming.push(chunkOf(chunk));
    await settle();
  }

  assertEquals(incoming.isPaused(), true);
  const reader = stream.getReader({ mode: "byob" });
  const { value } = await reader.read(new Uint8Array(10 * CHUNK_BYTES));
  const more = reader.read(new Uint8Array(10));
  await settle();

  assertEquals(value?.byteLength, 4 * CHUNK_BYTES);
  assertEquals(incoming.isPaused(), false);
  await reader.cancel();
  await more;
});

Deno.test("receivedBody empties buffers that are read, but the first and the last", async () => {
  const incoming = makeIncoming();
  const reader = receivedBody(incoming, {}).getReader({ mode: "byob" });
  const chunks = [0, 1, 2, 3].map((byte) => chunkOf(byte));
  const shared = new Uint8Array(CHUNK_BYTES).fill(9);
  const arriving = [...chunks, shared.subarray(0, 100), shared.subarray(100), chunkOf(4)];

  for (const chunk of arriving) {
    incoming.push(chunk);
    const { value } = await reader.read(new Uint8Array(CHUNK_BYTES));
    assert(value?.every((byte) => byte === value[0]));
  }

  const lengths = [...chunks, shared].map(({ byteLength }) => byteLength);
  assertEquals(lengths, [CHUNK_BYTES, 0, 0, 0, 0]);
  assertEquals(arriving.at(-1)?.byteLength, CHUNK_BYTES);
  await reader.cancel();
});

Deno.test("receivedBody leaves small buffers alone, which others may share", async () => {
  const incoming = makeIncoming();
  const reader = receivedBody(incoming, {}).getReader({ mode: "byob" });
  const chunks = [0, 1, 2].map((byte) => chunkOf(byte, 8192));

  for (const chunk of chunks) {
    incoming.push(chunk);
    await reader.read(new Uint8Array(CHUNK_BYTES));
  }

  assertEquals(chunks.map(({ byteLength }) => byteLength), [8192, 8192, 8192]);
  await reader.cancel();
});

Deno.test("receivedBody fails when the client goes, after what had come", async () => {
  const incoming = makeIncoming();
  incoming.on("error", () => {});
  const reader = receivedBody(incoming, {}).getReader({ mode: "byob" });
  incoming.push(chunkOf(1));
  await settle();

  incoming.emit("close");

  assertEquals((await reader.read(new Uint8Array(CHUNK_BYTES))).value?.byteLength, CHUNK_BYTES);
  await assertRejects(() => reader.read(new Uint8Array(8)), Error, "the client has gone");
});

Deno.test("receivedBody lets go of what came when nobody wants it", async () => {
  const incoming = makeIncoming();
  const stream = receivedBody(incoming, {});
  const reader = stream.getReader();
  const reading = reader.read();

  await reader.cancel();

  assertEquals((await reading).done, true);
});
