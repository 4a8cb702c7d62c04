import { assertEquals } from "@std/assert";
import { toBytes, toText } from "../../src/base/bytes.ts";
import { PartBuffer } from "../../src/drivers/part_buffer.ts";

const KIB = 1024;

/** A pool, and what was borrowed of it and given back, in bytes. */
function makePool() {
  const borrowed: number[] = [];
  const returned: number[] = [];
  const pool = {
    borrow(sizeBytes: number) {
      borrowed.push(sizeBytes);
      return new Uint8Array(sizeBytes);
    },
    giveBack: (bytes: Uint8Array) => void returned.push(bytes.byteLength),
  };
  return { pool, borrowed, returned };
}

Deno.test("PartBuffer.add takes what there is room for", () => {
  const buffer = new PartBuffer(5, makePool().pool);
  assertEquals([buffer.add(toBytes("abc")), buffer.isFull], [3, false]);
  assertEquals([buffer.add(toBytes("defg")), buffer.isFull], [2, true]);
  assertEquals([toText(buffer.content), buffer.sizeBytes], ["abcde", 5]);
  assertEquals(buffer.add(toBytes("x")), 0);
});

Deno.test("PartBuffer borrows memory for all of it once it is no longer small", () => {
  const { pool, borrowed, returned } = makePool();
  const small = new PartBuffer(300 * KIB, pool);
  small.add(new Uint8Array(10));
  small.release();
  assertEquals([borrowed, returned], [[], []]);
  const large = new PartBuffer(300 * KIB, pool);
  large.add(new Uint8Array(10).fill(1));
  large.add(new Uint8Array(100 * KIB).fill(2));
  assertEquals([large.content[9], large.content[10], large.sizeBytes], [1, 2, 100 * KIB + 10]);
  large.release();
  assertEquals([borrowed, returned, large.sizeBytes], [[300 * KIB], [300 * KIB], 0]);
});
