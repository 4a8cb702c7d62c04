/** Size of a buffer in bytes: as much of a body is read and sent at once, for each call costs. */
export const PIECE_BYTES = 512 * 1024;

/** How many buffers that nobody uses are kept. */
const MAX_FREE = 8;

/** Buffers that bodies of answers are read into, one piece after the other, and used again. */
export class PieceBuffers {
  readonly #free: ArrayBuffer[] = [];

  /** A buffer, with whatever was in it before. */
  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(PIECE_BYTES);
  }

  /** Takes a buffer back: neither its user nor the system may need it any more. */
  give(buffer: ArrayBuffer): void {
    if (this.#free.length < MAX_FREE) this.#free.push(buffer);
    // Its memory goes back at once, not when V8 finds time to collect it.
    else buffer.transfer(0);
  }
}
