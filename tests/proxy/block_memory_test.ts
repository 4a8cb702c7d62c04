import { assertEquals } from "@std/assert";
import { type Block, BLOCK_BYTES, BlockMemory } from "../../src/proxy/block_memory.ts";

/** A memory that keeps so many blocks, and the offsets of those that it dropped. */
function start(maxKept: number) {
  const memory = new BlockMemory(maxKept);
  const dropped: number[] = [];
  const make = (offset: number) => {
    const made = memory.make(offset, { onDrop: (block) => dropped.push(block.start) });
    memory.keep(made);
    return made;
  };
  return { memory, dropped, make };
}

function bytesOf(block: Block): Uint8Array<ArrayBuffer> {
  return block.slice(block.start, BLOCK_BYTES);
}

Deno.test("BlockMemory drops the block that was used longest ago", () => {
  const { memory, dropped, make } = start(2);
  const first = make(1);
  make(2);
  memory.keep(first);
  make(3);
  assertEquals(dropped, [2]);
  make(4);
  assertEquals(dropped, [2, 1]);
});

Deno.test("BlockMemory leaves a pinned block until it is dropped", () => {
  const { memory, dropped, make } = start(1);
  const pinned = make(1);
  memory.pin(pinned);
  make(2);
  make(3);
  assertEquals(dropped, [2]);
  memory.drop(pinned);
  memory.drop(pinned);
  assertEquals(dropped, [2, 1]);
});

Deno.test("BlockMemory uses memory again that nobody holds, and none that somebody does", () => {
  const { memory, make } = start(9);
  const held = make(1);
  held.append(new Uint8Array([1, 2, 3]));
  held.hold();
  const bytes = bytesOf(held);
  memory.drop(held);
  make(2).append(new Uint8Array([7]));
  assertEquals(bytes, new Uint8Array([1, 2, 3]));
  held.release(true);
  const next = make(3);
  assertEquals(next.end, 3);
  next.append(new Uint8Array([9]));
  assertEquals(bytes, new Uint8Array([9, 2, 3]));
});

Deno.test("BlockMemory only lets go of memory that the system may still send", () => {
  const { memory, make } = start(9);
  const block = make(1);
  block.append(new Uint8Array([1]));
  const bytes = bytesOf(block);
  block.hold();
  block.hold();
  memory.drop(block);
  block.release(false);
  assertEquals(bytes.byteLength, 1);
  block.release(true);
  // Detached: other bytes never take its place.
  assertEquals(bytes.byteLength, 0);
});

Deno.test("Block takes as many bytes as it has room for, and tells which it has", () => {
  const block = start(1).make(100);
  block.append(new Uint8Array(BLOCK_BYTES - 1));
  assertEquals(block.append(new Uint8Array([4, 5])), new Uint8Array([4]));
  assertEquals([block.start, block.end], [100, 100 + BLOCK_BYTES]);
  assertEquals(block.slice(block.end - 1, 10), new Uint8Array([4]));
});

Deno.test("Block may have room for less", () => {
  const { memory } = start(1);
  const block = memory.make(0, { onDrop: () => {}, sizeBytes: 3 });
  block.append(new Uint8Array(4));
  assertEquals(block.end, 3);
  memory.drop(block);
  assertEquals(memory.make(0, { onDrop: () => {} }).slice(0, 1).buffer.byteLength, BLOCK_BYTES);
});
