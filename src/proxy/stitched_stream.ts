import { lendsChunks, type ReturnTerms } from "../base/lent_chunks.ts";
import type { HeldBytes } from "./shared_blocks.ts";

/** Bytes that others may have too, or a stream of some. */
export type ByteSupply = HeldBytes | ReadableStream<Uint8Array<ArrayBuffer>>;

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
  /**
   * Waits a little, after a place that had nothing after all: what was there has been taken away, and
   * whoever notices needs his turn.
   */
  readonly pause: () => Promise<void>;
  /** Is told once that nothing more is read, for whatever reason. */
  readonly onEnd: () => void;
}

/**
 * A stream of bytes that come piece by piece from one place after the other. Its chunks are lent;
 * see `base/lent_chunks.ts`.
 */
export function stitchedStream(
  options: StitchedStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const source = new StitchedSource(options);
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(source, { highWaterMark: 0 });
  return lendsChunks(stream, (terms) => source.returnChunks(terms));
}

class StitchedSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #options: StitchedStreamOptions;
  #position: number;
  #place: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined;
  /** What was given out last. */
  #given: HeldBytes | undefined;
  #terms: ReturnTerms | undefined;
  #isEnded = false;

  constructor(options: StitchedStreamOptions) {
    this.#options = options;
    this.#position = options.offset;
  }

  /** Says that chunks come back from now on. */
  returnChunks(terms: ReturnTerms): void {
    this.#terms = terms;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    if (this.#position >= this.#options.end) this.#finish(controller);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    if (this.#terms !== undefined) this.#given?.giveBack(this.#terms.reusable);
    this.#given = undefined;
    try {
      const bytes = await this.#read();
      if (this.#isEnded) return;
      this.#position += bytes.byteLength;
      controller.enqueue(bytes);
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

  async #read(): Promise<Uint8Array<ArrayBuffer>> {
    const { end, open, pause } = this.#options;
    for (;;) {
      let isNew = false;
      if (this.#place === undefined) {
        isNew = true;
        const supply = await open({ offset: this.#position, length: end - this.#position });
        if (supply instanceof ReadableStream) {
          this.#place = supply.getReader();
        } else {
          this.#given = supply;
          return supply.bytes;
        }
      }
      const { value } = await this.#place.read();
      if (value !== undefined) return value;
      this.#place = undefined;
      if (isNew) await pause();
    }
  }

  #end(): void {
    if (!this.#isEnded) this.#options.onEnd();
    this.#isEnded = true;
  }

  #finish(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): void {
    this.#end();
    controller.close();
  }
}
