import { tryByteReader } from "../base/byte_reader.ts";
import type { Content } from "../storage/store.ts";

/** Bytes that are at hand, a stream of them, or what copies some, of which 0 is to ask again. */
export type ByteSupply = Content | ((view: Uint8Array<ArrayBuffer>) => number);

/** What {@linkcode stitchedStream} needs. */
export interface StitchedStreamOptions {
  /** First byte. */
  readonly offset: number;
  /** The byte behind the last one. */
  readonly end: number;
  /**
   * Gives the bytes from `offset` on, not beyond `length`: as many as there are by now, one at
   * least. It waits until there is something.
   */
  readonly open: (
    part: { readonly offset: number; readonly length: number },
  ) => Promise<ByteSupply>;
  /** Is told once that nothing more is read, for whatever reason. */
  readonly onEnd: () => void;
}

/** Most bytes read at a time, where the reader brings no buffer of its own. */
const PIECE_BYTES = 96 * 1024;

/** A stream of bytes that come piece by piece from one place after the other. */
export function stitchedStream(
  options: StitchedStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new StitchedSource(options));
}

/** Reads a stream into a buffer as far as that is possible; `undefined`: that was all. */
interface Place {
  read(view: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer> | undefined>;
  cancel(): Promise<void>;
}

class StitchedSource implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #options: StitchedStreamOptions;
  #position: number;
  #place: Place | undefined;
  #isEnded = false;

  constructor(options: StitchedStreamOptions) {
    this.#options = options;
    this.#position = options.offset;
  }

  start(controller: ReadableByteStreamController): void {
    if (this.#position >= this.#options.end) this.#finish(controller);
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const request = controller.byobRequest;
    try {
      const bytes = await this.#read(bufferOf(request?.view));
      if (this.#isEnded) return;
      this.#position += bytes.byteLength;
      // The buffer has come back by another name.
      if (request === null) controller.enqueue(bytes);
      else request.respondWithNewView(bytes);
      if (this.#position < this.#options.end) return;
      await this.#place?.cancel();
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#finish(controller);
  }

  async cancel(): Promise<void> {
    this.#end();
    await this.#place?.cancel();
  }

  /** Some bytes, in the memory of `buffer`, which must not be used any more. */
  async #read(buffer: ArrayBufferView<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { end, open } = this.#options;
    const { byteOffset } = buffer;
    const length = Math.min(buffer.byteLength, end - this.#position);
    let memory = buffer.buffer;
    for (;;) {
      const view = new Uint8Array(memory, byteOffset, length);
      if (this.#place === undefined) {
        const supply = await open({ offset: this.#position, length: end - this.#position });
        if (supply instanceof ReadableStream) {
          this.#place = openPlace(supply);
        } else {
          const count = supply instanceof Uint8Array ? copy(supply, view) : supply(view);
          if (count > 0) return view.subarray(0, count);
        }
        continue;
      }
      const read = await this.#place.read(view);
      if (read === undefined || read.byteLength === 0) this.#place = undefined;
      if (read !== undefined && read.byteLength > 0) return read;
      if (read !== undefined) memory = read.buffer;
    }
  }

  #end(): void {
    if (!this.#isEnded) this.#options.onEnd();
    this.#isEnded = true;
  }

  #finish(controller: ReadableByteStreamController): void {
    this.#end();
    controller.close();
    // A reader whose own buffer is not full yet is only told of the end by this answer.
    controller.byobRequest?.respond(0);
  }
}

function bufferOf(view: ArrayBufferView | null | undefined): ArrayBufferView<ArrayBuffer> {
  return (view ?? new Uint8Array(PIECE_BYTES)) as ArrayBufferView<ArrayBuffer>;
}

function copy(bytes: Uint8Array, view: Uint8Array): number {
  const part = bytes.subarray(0, view.byteLength);
  view.set(part);
  return part.byteLength;
}

function openPlace(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Place {
  const bytes = tryByteReader(stream);
  if (bytes !== undefined) {
    return { read: async (view) => (await bytes.read(view)).value, cancel: () => bytes.cancel() };
  }
  const reader = stream.getReader();
  let rest: Uint8Array | undefined;
  return {
    async read(view) {
      while (rest === undefined || rest.byteLength === 0) {
        const { value } = await reader.read();
        if (value === undefined) return view.subarray(0, 0);
        rest = value;
      }
      const count = copy(rest, view);
      rest = rest.subarray(count);
      return view.subarray(0, count);
    },
    cancel: () => reader.cancel(),
  };
}
