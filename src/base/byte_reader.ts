/**
 * A reader that fills the buffers of whoever reads, so that these can be used again; `undefined`
 * where a stream only gives buffers of its own: it is then as free as before.
 *
 * @throws {TypeError} somebody else reads the stream
 */
export function tryByteReader(
  stream: ReadableStream<Uint8Array>,
): ReadableStreamBYOBReader | undefined {
  try {
    return stream.getReader({ mode: "byob" });
  } catch (error) {
    if (error instanceof TypeError && !stream.locked) return undefined;
    throw error;
  }
}

/** Marks streams; see {@linkcode takesLargeViews}. */
const TAKES_LARGE_VIEWS = Symbol("takesLargeViews");

/** Marks a stream that views of any size do well for, whatever is best for those of the runtime. */
export function takesLargeViews<T extends ReadableStream>(stream: T): T {
  return Object.assign(stream, { [TAKES_LARGE_VIEWS]: true });
}

/** Tells whether a stream is marked by {@linkcode takesLargeViews}. */
export function isForLargeViews(stream: ReadableStream): boolean {
  return TAKES_LARGE_VIEWS in stream;
}
