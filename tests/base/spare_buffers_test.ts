import { assert, assertEquals } from "@std/assert";
import { SpareBuffers } from "../../src/base/spare_buffers.ts";

const SIZE = 256 * 1024;

Deno.test("SpareBuffers gives a buffer again that was given back, and to one alone", () => {
  const buffers = new SpareBuffers();
  const first = buffers.take(SIZE);
  const second = buffers.take(SIZE);
  assert(first !== second);
  buffers.give(first);
  assertEquals(buffers.take(SIZE) === first, true);
  assertEquals(buffers.take(SIZE) === first, false);
});

Deno.test("SpareBuffers gives buffers of the size that is asked for", () => {
  const buffers = new SpareBuffers();
  buffers.give(buffers.take(2 * SIZE));
  for (const size of [1, 100_000, SIZE, 2 * SIZE, 8 * SIZE]) {
    assertEquals(buffers.take(size).byteLength, size);
  }
});

Deno.test("SpareBuffers keeps a little: the buffers that were given last", () => {
  const buffers = new SpareBuffers();
  const taken = Array.from({ length: 8 }, () => buffers.take(SIZE));
  for (const buffer of taken) buffers.give(buffer);
  const again = new Set(Array.from({ length: 8 }, () => buffers.take(SIZE)));
  assertEquals(taken.map((buffer) => again.has(buffer)), [
    ...Array<boolean>(4).fill(false),
    ...Array<boolean>(4).fill(true),
  ]);
});

Deno.test("SpareBuffers keeps neither small buffers, huge ones, nor what was taken from it", () => {
  const buffers = new SpareBuffers();
  const detached = buffers.take(SIZE);
  detached.transfer();
  for (const buffer of [detached, buffers.take(100), buffers.take(64 * SIZE)]) {
    const { byteLength } = buffer;
    buffers.give(buffer);
    assert(buffers.take(byteLength) !== buffer);
  }
});
