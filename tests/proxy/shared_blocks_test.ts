import { assertEquals, assertRejects } from "@std/assert";
import { BLOCK_BYTES, BlockMemory } from "../../src/proxy/block_memory.ts";
import { SharedBlocks, type StoredBytes } from "../../src/proxy/shared_blocks.ts";
import type { BlobPart } from "../../src/storage/store.ts";
import { randomBytes } from "../support/random_bytes.ts";

const CONTENT = randomBytes("blocks", 6 * BLOCK_BYTES);

interface StartOptions {
  readonly kept?: number;
  readonly kind?: "bytes" | "chunks";
  readonly shared?: boolean;
}

/** Blocks of {@linkcode CONTENT}, and the parts that were read of what is stored. */
function start({ kept = 8, kind = "bytes", shared = true }: StartOptions = {}) {
  const read: BlobPart[] = [];
  const blocks = new SharedBlocks({ memory: new BlockMemory(kept), isShared: () => shared });
  const stored = (end = CONTENT.byteLength): StoredBytes => ({
    end,
    read(part) {
      read.push(part);
      const bytes = CONTENT.slice(part.offset, part.offset + part.length);
      return Promise.resolve(kind === "bytes" ? new Blob([bytes]).stream() : bytes);
    },
  });
  const arrive = (offset: number, end: number) => {
    for (let at = offset; at < end;) {
      const part = CONTENT.subarray(at, Math.min(end, at + 100_000, at + blocks.roomAt(at)));
      blocks.add(part, at);
      at += part.byteLength;
    }
  };
  return { blocks, read, stored, arrive };
}

Deno.test("SharedBlocks gives everybody the same memory of what has arrived", () => {
  const { blocks, arrive } = start();
  arrive(0, BLOCK_BYTES + 1000);
  const first = blocks.find(BLOCK_BYTES - 10, 100)?.bytes;
  assertEquals(first, CONTENT.slice(BLOCK_BYTES - 10, BLOCK_BYTES));
  assertEquals(first?.buffer === blocks.find(5, 1)?.bytes.buffer, true);
  assertEquals(blocks.find(BLOCK_BYTES, 5000)?.bytes.byteLength, 1000);
  assertEquals(blocks.find(BLOCK_BYTES + 1000, 1), undefined);
});

for (const kind of ["bytes", "chunks"] as const) {
  Deno.test(`SharedBlocks reads a block back once for all who wait for it, from ${kind}`, async () => {
    const { blocks, read, stored } = start({ kind });
    const part = { offset: BLOCK_BYTES + 7, length: 20 };
    const found = await Promise.all([1, 2, 3].map(() => blocks.load(part, stored())));
    for (const held of found) {
      assertEquals(held?.bytes, CONTENT.slice(part.offset, part.offset + 20));
      assertEquals(held?.bytes.buffer === found[0]?.bytes.buffer, true);
    }
    assertEquals(read, [{ offset: BLOCK_BYTES, length: BLOCK_BYTES }]);
  });
}

Deno.test("SharedBlocks reads more of a block once there is more of it", async () => {
  const { blocks, read, stored } = start();
  await blocks.load({ offset: 0, length: 1 }, stored(1000));
  assertEquals(blocks.find(1000, 1), undefined);
  const held = await blocks.load({ offset: 1500, length: 9 }, stored(2000));
  assertEquals(held?.bytes, CONTENT.slice(1500, 1509));
  assertEquals(read, [{ offset: 0, length: 1000 }, { offset: 1000, length: 1000 }]);
});

Deno.test("SharedBlocks goes on with what arrives where it had read, and leaves gaps to others", async () => {
  const { blocks, arrive, stored } = start();
  await blocks.load({ offset: 0, length: 1 }, stored(1000));
  arrive(1000, 3000);
  assertEquals(blocks.find(500, 2500)?.bytes, CONTENT.slice(500, 3000));
  arrive(BLOCK_BYTES + 50, BLOCK_BYTES + 60);
  assertEquals(blocks.find(BLOCK_BYTES + 40, 1), undefined);
  const before = { offset: BLOCK_BYTES + 40, length: 1 };
  assertEquals(await blocks.load(before, stored()), undefined);
  assertEquals(blocks.find(BLOCK_BYTES + 50, 10)?.bytes.byteLength, 10);
});

Deno.test("SharedBlocks takes up what arrives anew after a break", () => {
  const { blocks, arrive } = start();
  arrive(0, 5000);
  arrive(4000, 6000);
  assertEquals(blocks.find(3000, 1), undefined);
  assertEquals(blocks.find(4500, 9999)?.bytes, CONTENT.slice(4500, 6000));
});

Deno.test("SharedBlocks keeps what arrives at the moment, whoever else wants memory", async () => {
  const { blocks, arrive, stored } = start({ kept: 1 });
  arrive(0, 1000);
  for (const index of [1, 2]) {
    const held = await blocks.load({ offset: index * BLOCK_BYTES, length: 1 }, stored());
    held?.giveBack(true);
  }
  assertEquals(blocks.find(0, 1000)?.bytes, CONTENT.slice(0, 1000));
  assertEquals(blocks.find(BLOCK_BYTES, 1), undefined);
  arrive(1000, BLOCK_BYTES + 1);
  await blocks.load({ offset: 2 * BLOCK_BYTES, length: 1 }, stored());
  assertEquals([blocks.find(0, 1), blocks.find(BLOCK_BYTES, 1)?.bytes.byteLength], [undefined, 1]);
});

Deno.test("SharedBlocks keeps what is held from others, whoever else wants memory", async () => {
  const { blocks, stored } = start({ kept: 1 });
  const parts = [0, 1, 2].map((index) => ({ offset: index * BLOCK_BYTES, length: BLOCK_BYTES }));
  const held = await Promise.all(parts.map((part) => blocks.load(part, stored())));
  blocks.clear();
  for (const [index, one] of held.entries()) {
    const offset = index * BLOCK_BYTES;
    assertEquals(one?.bytes, CONTENT.slice(offset, offset + BLOCK_BYTES));
  }
});

Deno.test("SharedBlocks fails with what cannot be read, and reads it anew for the next", async () => {
  const { blocks, stored } = start();
  const failing = { end: 10, read: () => Promise.reject(new Error("gone")) };
  await assertRejects(() => blocks.load({ offset: 0, length: 1 }, failing), Error, "gone");
  const held = await blocks.load({ offset: 0, length: 1 }, stored(10));
  assertEquals(held?.bytes, CONTENT.slice(0, 1));
});

Deno.test("SharedBlocks keeps little of what arrives for one who reads alone", () => {
  const end = 5 * BLOCK_BYTES + 1;
  for (const [shared, first] of [[true, 0], [false, 4]] as const) {
    const { blocks, arrive } = start({ shared });
    arrive(0, end);
    const indices = [0, 1, 2, 3, 4, 5];
    const here = indices.filter((index) => blocks.find(index * BLOCK_BYTES, 1) !== undefined);
    assertEquals(here, indices.slice(first));
  }
});
