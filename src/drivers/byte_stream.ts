/** Bytes that are read in order, each once. */
export interface ByteSource {
  /** Reads what comes next into `view`; gives how many bytes that were, one at least. */
  read(view: Uint8Array<ArrayBuffer>): number | Promise<number>;
  /** Releases what the source holds; it is called once. */
  close(): void;
}

/**
 * Most bytes read at a time, where the reader brings no buffer of its own. The runtime cannot use
 * a buffer twice, and the memory of larger ones is given back to the system each time.
 */
const PIECE_BYTES = 96 * 1024;

/**
 * Makes a stream of the next `sizeBytes` bytes of `source`, nothing of which is read before it is
 * asked for. The source is closed at the end, after a failure, and when the stream is cancelled.
 */
export function byteStream(
  source: ByteSource,
  sizeBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new Pump(source, sizeBytes));
}

/** A stream without a byte. */
export function emptyStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return byteStream(chunkSource([]), 0);
}

/** A source of bytes that are in memory, from `offset` on; the chunks stay as they are. */
export function chunkSource(chunks: readonly Uint8Array[], offset = 0): ByteSource {
  let index = 0;
  let start = offset;

  function read(view: Uint8Array): number {
    let filled = 0;
    while (filled < view.byteLength) {
      const chunk = chunks[index];
      if (chunk === undefined) break;
      const part = chunk.subarray(start, start + view.byteLength - filled);
      view.set(part, filled);
      filled += part.byteLength;
      start += part.byteLength;
      if (start < chunk.byteLength) continue;
      start -= chunk.byteLength;
      index++;
    }
    return filled;
  }

  return { read, close: () => {} };
}

/**
 * A source of the bytes of chunks that come by and by, each read when the one before is used up.
 * @throws {Error} they end before all was read
 */
export function chunksSource(chunks: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array();
  return {
    async read(view) {
      while (rest.byteLength === 0) {
        const { value, done } = await iterator.next();
        if (done) throw new Error("Cannot read on: the answer ended early");
        rest = value;
      }
      const piece = rest.subarray(0, view.byteLength);
      view.set(piece);
      rest = rest.subarray(piece.byteLength);
      return piece.byteLength;
    },
    close: () => void iterator.return?.(),
  };
}

/** Moves bytes from a source to the stream that asks for them. */
class Pump implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #source: ByteSource;
  #leftBytes: number;
  #closed = false;

  constructor(source: ByteSource, sizeBytes: number) {
    this.#source = source;
    this.#leftBytes = sizeBytes;
  }

  start(controller: ReadableByteStreamController): void {
    if (this.#leftBytes === 0) this.#end(controller);
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const request = controller.byobRequest;
    const view = bufferFor(this.#leftBytes, request?.view);
    try {
      const count = await this.#source.read(view);
      if (this.#closed) return;
      this.#leftBytes -= count;
      if (request === null) controller.enqueue(view.subarray(0, count));
      else request.respond(count);
    } catch (error) {
      this.cancel();
      throw error;
    }
    if (this.#leftBytes === 0) this.#end(controller);
  }

  cancel(): void {
    if (!this.#closed) this.#source.close();
    this.#closed = true;
  }

  #end(controller: ReadableByteStreamController): void {
    this.cancel();
    controller.close();
    // A reader whose own buffer is not full yet is only told of the end by this answer.
    controller.byobRequest?.respond(0);
  }
}

/** Room for at most `length` bytes: the reader's own, or a piece that will be its. */
function bufferFor(length: number, view?: ArrayBufferView | null): Uint8Array<ArrayBuffer> {
  if (!view) return new Uint8Array(Math.min(length, PIECE_BYTES));
  const buffer = view.buffer as ArrayBuffer;
  return new Uint8Array(buffer, view.byteOffset, Math.min(length, view.byteLength));
}
