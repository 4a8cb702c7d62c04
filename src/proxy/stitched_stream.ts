/** What {@linkcode stitchedStream} needs. */
export interface StitchedStreamOptions {
  /** First byte. */
  readonly offset: number;
  /** The byte behind the last one. */
  readonly end: number;
  /**
   * Gives the bytes from `offset` on, not beyond `end`: as many as there are by now, one at least.
   * It waits until there is something.
   */
  readonly open: (
    part: { readonly offset: number; readonly length: number },
  ) => Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /** Is told once that nothing more is read, for whatever reason. */
  readonly onEnd: () => void;
}

/** A stream of bytes that come piece by piece from one place after the other. */
export function stitchedStream(
  { offset, end, open, onEnd }: StitchedStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let position = offset;
  let source: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  async function read(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      source ??= (await open({ offset: position, length: end - position })).getReader();
      const { value, done } = await source.read();
      if (value !== undefined) return value;
      if (done) source = undefined;
    }
  }
  return new ReadableStream({
    async pull(controller) {
      try {
        if (position < end) {
          const chunk = await read();
          position += chunk.byteLength;
          controller.enqueue(chunk);
          if (position < end) return;
        }
        await source?.cancel();
      } catch (error) {
        onEnd();
        throw error;
      }
      onEnd();
      controller.close();
    },
    async cancel() {
      onEnd();
      await source?.cancel();
    },
  }, { highWaterMark: 0 });
}
