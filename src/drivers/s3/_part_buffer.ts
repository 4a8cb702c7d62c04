/** Room of a buffer that has got its first bytes. */
const FIRST_BYTES = 64 * 1024;

/** How much a buffer that is full grows: seldom enough that little is copied. */
const GROWTH = 4;

/** Bytes that are to become a part; it takes memory as it fills. */
export class PartBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #filled = 0;
  /** How many bytes the part is to have. */
  readonly capacity: number;

  /** @param initial what the part starts with; it is not copied, and must not change */
  constructor(capacity: number, initial: Uint8Array<ArrayBuffer> = new Uint8Array()) {
    this.capacity = capacity;
    this.#bytes = initial;
    this.#filled = initial.byteLength;
  }

  /** Bytes so far. */
  get sizeBytes(): number {
    return this.#filled;
  }

  get isFull(): boolean {
    return this.#filled >= this.capacity;
  }

  /** What is in it; valid until more is added. */
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

  #reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.byteLength) return;
    const grown = Math.max(sizeBytes, FIRST_BYTES, this.#bytes.byteLength * GROWTH);
    const bytes = new Uint8Array(Math.min(grown, this.capacity));
    bytes.set(this.content);
    this.#bytes = bytes;
  }
}
