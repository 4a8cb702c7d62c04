/** Room of a buffer that has got its first bytes. */
const FIRST_BYTES = 64 * 1024;

/** Where buffers come from and go to, so that large ones are used again: the runtime frees them late. */
export interface BufferPool {
  /** Gives room for so many bytes; what is in it is of no meaning. */
  borrow(sizeBytes: number): Uint8Array<ArrayBuffer>;
  /** Takes room back that nobody uses any more. */
  giveBack(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Bytes that are to become a part; it takes memory for all of it once it is no longer small. */
export class PartBuffer {
  readonly #pool: BufferPool;
  #bytes = new Uint8Array();
  #filled = 0;
  /** How many bytes the part is to have. */
  readonly capacity: number;

  constructor(capacity: number, pool: BufferPool) {
    this.capacity = capacity;
    this.#pool = pool;
  }

  /** Bytes so far. */
  get sizeBytes(): number {
    return this.#filled;
  }

  get isFull(): boolean {
    return this.#filled >= this.capacity;
  }

  /** What is in it; valid until more is added, or it is released. */
  get content(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#filled);
  }

  /** Copies what there is room for; gives how many bytes that were. */
  add(chunk: Uint8Array): number {
    const part = chunk.subarray(0, Math.max(0, this.capacity - this.#filled));
    this.#reserve(this.#filled + part.byteLength);
    this.#bytes.set(part, this.#filled);
    this.#filled += part.byteLength;
    return part.byteLength;
  }

  /** Lets the memory go; nobody may use what was in it any more. */
  release(): void {
    if (this.#bytes.byteLength === this.capacity) this.#pool.giveBack(this.#bytes);
    this.#bytes = new Uint8Array();
    this.#filled = 0;
  }

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.byteLength) return;
    const bytes = sizeBytes <= FIRST_BYTES
      ? new Uint8Array(Math.min(FIRST_BYTES, this.capacity))
      : this.#pool.borrow(this.capacity);
    bytes.set(this.content);
    this.#bytes = bytes;
  }
}
