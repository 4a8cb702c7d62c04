import { assertEquals } from "@std/assert";
import { RecentBytes, RingMemory } from "../../src/proxy/recent_bytes.ts";
import { randomBytes } from "../support/random_bytes.ts";

const MIB = 1024 * 1024;

/** Reads from `offset` to `end`, piece by piece. */
function readAll(recent: RecentBytes, offset: number, end: number): Uint8Array {
  const read = new Uint8Array(end - offset);
  for (let at = offset; at < end;) {
    const count = recent.read(at, read.subarray(at - offset));
    if (count === 0) throw new Error(`Cannot test: nothing at ${at}`);
    at += count;
  }
  return read;
}

Deno.test("RecentBytes gives the last bytes of what arrives, however it is cut", () => {
  const content = randomBytes("recent", 5 * MIB);
  const recent = new RecentBytes(new RingMemory(1));
  const sizes = [1, 100_000, 300_001, 7, 65_536];
  let turn = 0;
  for (let at = 0; at < content.byteLength;) {
    const bytes = content.subarray(at, at + (sizes[turn++ % sizes.length] ?? 1));
    recent.add(bytes, at);
    at += bytes.byteLength;
    assertEquals(recent.has(at), false);
  }
  const start = 3 * MIB;
  assertEquals(recent.has(start - 1), false);
  assertEquals(readAll(recent, start, content.byteLength), content.subarray(start));
});

Deno.test("RecentBytes keeps the end of what is larger than its memory", () => {
  const content = randomBytes("large", 3 * MIB);
  const recent = new RecentBytes(new RingMemory(1));
  recent.add(content, 10);
  assertEquals(readAll(recent, MIB + 10, 3 * MIB + 10), content.subarray(MIB));
  assertEquals(recent.has(MIB + 9), false);
});

Deno.test("RecentBytes begins anew where something is left out", () => {
  const recent = new RecentBytes(new RingMemory(1));
  recent.add(new Uint8Array(10), 0);
  recent.add(new Uint8Array([1, 2]), 20);
  assertEquals(recent.read(5, new Uint8Array(1)), 0);
  assertEquals(readAll(recent, 20, 22), new Uint8Array([1, 2]));
});

Deno.test("RecentBytes keeps nothing while all memory is in use, and gives its own back", () => {
  const memory = new RingMemory(1);
  const first = new RecentBytes(memory);
  const second = new RecentBytes(memory);
  first.add(new Uint8Array([1]), 0);
  second.add(new Uint8Array([2]), 0);
  assertEquals(second.has(0), false);
  first.clear();
  assertEquals(first.has(0), false);
  second.add(new Uint8Array([3]), 1);
  assertEquals([second.has(0), second.has(1)], [false, true]);
});
