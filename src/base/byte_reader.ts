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
