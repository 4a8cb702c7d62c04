/** Size of a block in bytes. */
export const BLOCK_BYTES = 1024 * 1024;

/** How many blocks that nobody uses are kept, to be used again. */
const MAX_FREE = 12;

/**
 * The memory of the blobs that a thread has on their way: blocks that are sent to many at once, of
 * which those that were used last stay for others who come to the same place.
 */
export class BlockMemory {
  readonly #maxKept: number;
  /** The one that was used longest ago comes first. */
  readonly #kept = new Set<Block>();
  readonly #free: ArrayBuffer[] = [];

  /** @param maxKept so many blocks stay beyond those that are being filled, or held */
  constructor(maxKept: number) {
    this.#maxKept = maxKept;
  }

  /** A new block, which stays until it is dropped. */
  make(offset: number, { onDrop, sizeBytes = BLOCK_BYTES }: MakeOptions): Block {
    const free = sizeBytes === BLOCK_BYTES ? this.#free.pop() : undefined;
    const buffer = free ?? new ArrayBuffer(sizeBytes);
    return new Block(buffer, { offset, onDrop, onUnused: (freed) => this.#reuse(freed) });
  }

  /** Keeps a block, which was just used, until others need its place. */
  keep(block: Block): void {
    this.#kept.delete(block);
    this.#kept.add(block);
    for (const oldest of this.#kept) {
      if (this.#kept.size <= this.#maxKept) return;
      this.drop(oldest);
    }
  }

  /** Says that a block stays, whoever needs its place. */
  pin(block: Block): void {
    this.#kept.delete(block);
  }

  /** Keeps a block no longer than those that hold it do. */
  drop(block: Block): void {
    this.#kept.delete(block);
    block.drop();
  }

  #reuse(buffer: ArrayBuffer): void {
    const isWhole = buffer.byteLength === BLOCK_BYTES;
    if (isWhole && this.#free.length < MAX_FREE) this.#free.push(buffer);
    else buffer.transfer(0);
  }
}

/** Options of {@linkcode BlockMemory.make}. */
export interface MakeOptions {
  /** Is told that the block is dropped. */
  readonly onDrop: (block: Block) => void;
  /** Bytes that it has room for, where that is less than usual. @default BLOCK_BYTES */
  readonly sizeBytes?: number;
}

/** What a {@linkcode Block} is made with. */
interface BlockOptions {
  readonly offset: number;
  readonly onDrop: (block: Block) => void;
  readonly onUnused: (buffer: ArrayBuffer) => void;
}

/** A part of a blob in memory, filled from some byte on, in order. */
export class Block {
  readonly #options: BlockOptions;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #start: number;
  #end: number;
  #holders = 0;
  #isDropped = false;
  #isReusable = true;

  constructor(buffer: ArrayBuffer, options: BlockOptions) {
    this.#options = options;
    this.#bytes = new Uint8Array(buffer);
    this.#start = options.offset;
    this.#end = options.offset;
  }

  /** Offset in the blob of its first byte. */
  get start(): number {
    return this.#start;
  }

  /** Offset in the blob behind its last byte so far. */
  get end(): number {
    return this.#end;
  }

  /** Adds bytes, as many as there is room for; gives them as they are here. */
  append(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    const at = this.#end - this.#start;
    const part = bytes.subarray(0, this.#bytes.byteLength - at);
    this.#bytes.set(part, at);
    this.#end += part.byteLength;
    return this.#bytes.subarray(at, at + part.byteLength);
  }

  /** The bytes from `offset` on, `mostBytes` at most; nobody may change them. */
  slice(offset: number, mostBytes: number): Uint8Array<ArrayBuffer> {
    const at = offset - this.#start;
    return this.#bytes.subarray(at, Math.min(this.#end - this.#start, at + mostBytes));
  }

  /** Keeps its memory from other uses until it is released as often. */
  hold(): void {
    this.#holders++;
  }

  /** @param reusable whether other bytes may take the place of these, as far as this holder goes */
  release(reusable: boolean): void {
    this.#holders--;
    this.#isReusable &&= reusable;
    this.#free();
  }

  /** Says that nobody will come to hold it any more; see {@linkcode BlockMemory.drop}. */
  drop(): void {
    if (this.#isDropped) return;
    this.#isDropped = true;
    this.#options.onDrop(this);
    this.#free();
  }

  #free(): void {
    if (!this.#isDropped || this.#holders > 0) return;
    const { buffer } = this.#bytes;
    // What the system still sends it holds by itself.
    if (this.#isReusable) this.#options.onUnused(buffer);
    else buffer.transfer(0);
  }
}
