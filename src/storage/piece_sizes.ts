/** Size of a piece in bytes where several large bodies come at once, or the body is small. */
const SMALL_BYTES = 256 * 1024;

/**
 * Size of a piece of a body that has the thread to itself, in bytes. Such a piece is worth another
 * thread that writes it while this one hashes it, and the body a seventh faster; with several bodies
 * those threads would only be in each other's way.
 */
const LARGE_BYTES = 1024 * 1024;

/** Bodies from this size on are large, in bytes. */
const LARGE_BODY_BYTES = 8 * 1024 * 1024;

/** Decides how large the pieces are that a body is hashed and written in. */
export class PieceSizes {
  #largeBodies = 0;

  /**
   * @param length of the body, in bytes, as far as it is known; to be told to {@linkcode end} once
   *   the body is read
   * @returns bytes of a piece, 1 or more
   */
  begin(length = SMALL_BYTES): number {
    if (length < LARGE_BODY_BYTES) return Math.max(1, Math.min(SMALL_BYTES, length));
    return this.#largeBodies++ === 0 ? LARGE_BYTES : SMALL_BYTES;
  }

  /** A body of `length` bytes has ended. */
  end(length = SMALL_BYTES): void {
    if (length >= LARGE_BODY_BYTES) this.#largeBodies--;
  }
}
