/**
 * Streams whose chunks are lent: the same memory goes to several readers, and nobody may change it.
 *
 * Whoever does not know of it may keep the chunks as long as any others. Whoever does, and says so,
 * lets their memory be used again, or given back, without waiting for V8 to collect it.
 *
 * @module
 */

/** How a reader gives chunks back. */
export interface ReturnTerms {
  /**
   * Whether the system too has no more use for a chunk by then, so that other bytes may take its
   * place; otherwise the memory is only let go of.
   */
  readonly reusable: boolean;
}

/** Is told that, from now on, a chunk is given back when the next one is asked for. */
type Agree = (terms: ReturnTerms) => void;

/** Marks streams; see {@linkcode lendsChunks}. */
const LENDS_CHUNKS = Symbol("lendsChunks");

/** Marks a stream whose chunks are lent. A stream that is cancelled gets its last chunk not back. */
export function lendsChunks<T extends ReadableStream>(stream: T, agree: Agree): T {
  return Object.assign(stream, { [LENDS_CHUNKS]: agree });
}

/**
 * Promises to be done with a chunk of a stream when the next one is asked for.
 *
 * @returns whether its chunks are lent; otherwise nothing was promised
 */
export function returnsChunks(stream: ReadableStream, terms: ReturnTerms): boolean {
  const agree = (stream as { [LENDS_CHUNKS]?: Agree })[LENDS_CHUNKS];
  agree?.(terms);
  return agree !== undefined;
}
