/** Size of each piece of memory, in bytes. */
const RING_BYTES = 2 * 1024 * 1024;

/**
 * Pieces of memory that are used again and again: what lives for a moment, and is large, makes the
 * runtime look through all of its memory each time.
 */
export class RingMemory {
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #unmade: number;

  /** @param count so many pieces of 2 MiB there are at most */
  constructor(count: number) {
    this.#unmade = count;
  }

  /** A piece; `undefined`: all are in use. */
  take(): Uint8Array<ArrayBuffer> | undefined {
    const free = this.#free.pop();
    if (free !== undefined || this.#unmade === 0) return free;
    this.#unmade--;
    return new Uint8Array(RING_BYTES);
  }

  giveBack(piece: Uint8Array<ArrayBuffer>): void {
    this.#free.push(piece);
  }
}

/**
 * The last bytes of something that arrives in order, for those who keep up with it: they need not
 * read them back from where they are kept.
 */
export class RecentBytes {
  readonly #memory: RingMemory;
  #ring: Uint8Array<ArrayBuffer> | undefined;
  /** The bytes from `#start` to `#end` of what arrives are here, each at its offset in the ring. */
  #start = 0;
  #end = 0;

  constructor(memory: RingMemory) {
    this.#memory = memory;
  }

  /** Adds bytes that have arrived. Where there is no memory they are not kept. */
  add(bytes: Uint8Array, offset: number): void {
    this.#ring ??= this.#memory.take();
    const ring = this.#ring;
    if (ring === undefined) return;
    if (offset !== this.#end) this.#start = offset;
    this.#end = offset + bytes.byteLength;
    const kept = bytes.subarray(Math.max(0, bytes.byteLength - ring.byteLength));
    const at = (this.#end - kept.byteLength) % ring.byteLength;
    const rest = ring.byteLength - at;
    ring.set(kept.subarray(0, rest), at);
    if (kept.byteLength > rest) ring.set(kept.subarray(rest), 0);
    this.#start = Math.max(this.#start, this.#end - ring.byteLength);
  }

  /** Whether the byte at `offset` is here. */
  has(offset: number): boolean {
    return this.#ring !== undefined && offset >= this.#start && offset < this.#end;
  }

  /** Copies bytes from `offset` on; gives how many: 0 where they are not here. */
  read(offset: number, view: Uint8Array): number {
    const ring = this.#ring;
    if (ring === undefined || !this.has(offset)) return 0;
    const at = offset % ring.byteLength;
    const length = Math.min(view.byteLength, this.#end - offset, ring.byteLength - at);
    view.set(ring.subarray(at, at + length));
    return length;
  }

  /** Gives the memory back. */
  clear(): void {
    if (this.#ring !== undefined) this.#memory.giveBack(this.#ring);
    this.#ring = undefined;
    this.#start = 0;
    this.#end = 0;
  }
}
