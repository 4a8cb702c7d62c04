/** Buffers of this size and more are worth keeping, in bytes: making them costs more than a few calls. */
const LEAST_BYTES = 64 * 1024;

/** The most that is kept, in bytes together. */
const MOST_BYTES = 1024 * 1024;

/**
 * Buffers that nobody uses at present. Large ones are memory outside of what V8 counts as its own:
 * made anew for each body, they make it look for garbage again and again, and are zeroed each time.
 */
export class SpareBuffers {
  readonly #spare: ArrayBuffer[] = [];
  #spareBytes = 0;

  /** A buffer of so many bytes, with anything in it. */
  take(bytes: number): ArrayBuffer {
    const index = this.#spare.findIndex(({ byteLength }) => byteLength === bytes);
    const [buffer] = index === -1 ? [] : this.#spare.splice(index, 1);
    if (buffer === undefined) return new ArrayBuffer(bytes);
    this.#spareBytes -= bytes;
    return buffer;
  }

  /** Gives back a buffer that nobody will read or write any more; the oldest make room. */
  give(buffer: ArrayBuffer): void {
    const { byteLength } = buffer;
    if (byteLength < LEAST_BYTES || byteLength > MOST_BYTES) return;
    this.#spare.push(buffer);
    this.#spareBytes += byteLength;
    while (this.#spareBytes > MOST_BYTES) this.#spareBytes -= this.#spare.shift()?.byteLength ?? 0;
  }
}
