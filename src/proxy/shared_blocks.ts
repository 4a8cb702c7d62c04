import { tryByteReader } from "../base/byte_reader.ts";
import type { BlobPart, Content } from "../storage/store.ts";
import { type Block, BLOCK_BYTES, type BlockMemory } from "./block_memory.ts";

/** Bytes that are held in memory until they are given back. */
export interface HeldBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** @param reusable whether other bytes may take their place */
  giveBack(reusable: boolean): void;
}

/** What is stored of a blob by now. */
export interface StoredBytes {
  /** The byte behind the last one. */
  readonly end: number;
  /** Reads a part of it. */
  readonly read: (part: BlobPart) => Promise<Content>;
}

/** What {@linkcode SharedBlocks} needs. */
export interface SharedBlocksOptions {
  readonly memory: BlockMemory;
  /** Whether several read it at the moment; one who reads alone needs little. */
  readonly isShared: () => boolean;
  /** Length of the blob in bytes, as far as it is known. @default large */
  readonly sizeBytes?: number | undefined;
}

/** How far behind somebody who reads alone may be: more memory would only be new to the processor. */
const ALONE_BLOCKS = 2;

/** Most bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;

/**
 * One blob in blocks, each of which is in memory once for all who read it at that moment: those
 * that have just arrived, and those that somebody who fell behind has had read back.
 */
export class SharedBlocks {
  readonly #memory: BlockMemory;
  readonly #isShared: () => boolean;
  /** Bytes that a block has room for: no more than the blob has. */
  readonly #blockBytes: number;
  readonly #blocks = new Map<number, Block>();
  readonly #loads = new Map<Block, Promise<void>>();
  /** The block that was added to last. */
  #arriving: Block | undefined;

  constructor({ memory, isShared, sizeBytes = BLOCK_BYTES }: SharedBlocksOptions) {
    this.#memory = memory;
    this.#isShared = isShared;
    this.#blockBytes = Math.min(BLOCK_BYTES, sizeBytes);
  }

  /** How many bytes that arrive at `offset` go into one block. */
  roomAt(offset: number): number {
    return BLOCK_BYTES - offset % BLOCK_BYTES;
  }

  /** Adds bytes that have arrived, no more than there is room for. Their block stays until the next. */
  add(bytes: Uint8Array, offset: number): void {
    const index = indexOf(offset);
    let block = this.#blocks.get(index);
    if (block === undefined || block.end !== offset) {
      if (block !== undefined) this.#memory.drop(block);
      block = this.#make(index, offset);
    }
    if (block !== this.#arriving) {
      this.#memory.pin(block);
      if (this.#arriving !== undefined) this.#memory.keep(this.#arriving);
      this.#arriving = block;
      if (!this.#isShared()) this.#drop(index - ALONE_BLOCKS);
    }
    block.append(bytes);
  }

  /** Holds bytes from `offset` on; `undefined`: they are not in memory. */
  find(offset: number, mostBytes: number): HeldBytes | undefined {
    const block = this.#blocks.get(indexOf(offset));
    if (block === undefined || offset < block.start || offset >= block.end) return undefined;
    if (block !== this.#arriving) this.#memory.keep(block);
    return hold(block, { offset, mostBytes });
  }

  /**
   * Reads the block that a part begins in back, once for all who wait for it, and holds bytes of it.
   *
   * @returns `undefined`: the block cannot be shared
   * @throws whatever `read` fails with
   */
  async load({ offset, length }: BlobPart, stored: StoredBytes): Promise<HeldBytes | undefined> {
    const index = indexOf(offset);
    const block = this.#blocks.get(index) ?? this.#makeKept(index);
    if (offset < block.start) return undefined;
    block.hold();
    try {
      // Whoever began to read it knew of fewer bytes, perhaps.
      await this.#loads.get(block);
      if (offset >= block.end) await this.#fill(block, index, stored);
      return offset < block.end ? hold(block, { offset, mostBytes: length }) : undefined;
    } finally {
      block.release(true);
    }
  }

  /** Lets go of all memory that nobody holds. */
  clear(): void {
    for (const block of [...this.#blocks.values()]) this.#memory.drop(block);
  }

  #drop(index: number): void {
    const block = this.#blocks.get(index);
    if (block !== undefined) this.#memory.drop(block);
  }

  #makeKept(index: number): Block {
    const block = this.#make(index, index * BLOCK_BYTES);
    this.#memory.keep(block);
    return block;
  }

  #make(index: number, offset: number): Block {
    const onDrop = (dropped: Block) => {
      if (this.#blocks.get(index) === dropped) this.#blocks.delete(index);
      if (this.#arriving === dropped) this.#arriving = undefined;
    };
    const block = this.#memory.make(offset, { onDrop, sizeBytes: this.#blockBytes });
    this.#blocks.set(index, block);
    return block;
  }

  #fill(block: Block, index: number, { end, read }: StoredBytes): Promise<void> {
    const running = this.#loads.get(block);
    if (running !== undefined) return running;
    const length = Math.min(end, (index + 1) * BLOCK_BYTES) - block.end;
    const load = fill(block, { part: { offset: block.end, length }, read })
      .finally(() => this.#loads.delete(block));
    this.#loads.set(block, load);
    return load;
  }
}

/**
 * Reads some bytes for one reader; `undefined`: there are none. Whoever waits for the lock of an
 * upload that has just ended makes its file anew, for a moment, and empty.
 */
export async function readAlone(
  { offset, length }: BlobPart,
  read: StoredBytes["read"],
): Promise<HeldBytes | undefined> {
  const content = await read({ offset, length: Math.min(length, CHUNK_BYTES) });
  const bytes = await new Response(content).bytes();
  return bytes.byteLength === 0 ? undefined : { bytes, giveBack: () => {} };
}

function indexOf(offset: number): number {
  return Math.floor(offset / BLOCK_BYTES);
}

function hold(
  block: Block,
  { offset, mostBytes }: { readonly offset: number; readonly mostBytes: number },
): HeldBytes {
  block.hold();
  return {
    bytes: block.slice(offset, mostBytes),
    giveBack: (reusable) => block.release(reusable),
  };
}

/** Reads a part to the end of a block. */
async function fill(
  block: Block,
  { part, read }: { readonly part: BlobPart; readonly read: StoredBytes["read"] },
): Promise<void> {
  let position = part.offset;
  block.hold();
  try {
    for await (const chunk of chunksOf(await read(part))) {
      // It may be filled by what arrives, too.
      if (block.end !== position) return;
      position += block.append(chunk).byteLength;
    }
  } finally {
    block.release(true);
  }
}

/** Content in chunks, each valid until the next one is asked for. */
async function* chunksOf(
  content: Content,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  if (content instanceof Uint8Array) return yield content;
  const reader = tryByteReader(content);
  if (reader === undefined) return yield* content;
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  try {
    for (;;) {
      const { value, done } = await reader.read(new Uint8Array(buffer));
      if (value === undefined || done) return;
      yield value as Uint8Array<ArrayBuffer>;
      buffer = value.buffer as ArrayBuffer;
    }
  } finally {
    await reader.cancel();
  }
}
