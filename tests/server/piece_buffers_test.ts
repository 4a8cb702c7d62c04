import { assertEquals, assertStrictEquals } from "@std/assert";
import { PIECE_BYTES, PieceBuffers } from "../../src/server/piece_buffers.ts";

Deno.test("PieceBuffers.take gives what was given back", () => {
  const buffers = new PieceBuffers();
  const buffer = buffers.take();

  buffers.give(buffer);

  assertEquals(buffer.byteLength, PIECE_BYTES);
  assertStrictEquals(buffers.take(), buffer);
});

Deno.test("PieceBuffers.take never gives one buffer to two", () => {
  const buffers = new PieceBuffers();

  assertEquals(new Set(Array.from({ length: 20 }, () => buffers.take())).size, 20);
});

Deno.test("PieceBuffers.give keeps a few buffers and empties the others", () => {
  const buffers = new PieceBuffers();
  const taken = Array.from({ length: 64 }, () => buffers.take());

  for (const buffer of taken) buffers.give(buffer);

  const kept = taken.filter(({ byteLength }) => byteLength > 0);
  assertEquals(kept.length, 8);
  assertEquals(kept.includes(buffers.take()), true);
});
