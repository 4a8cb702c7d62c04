import { lendsChunks, type ReturnTerms } from "../base/lent_chunks.ts";
import type { HeldBytes } from "./shared_blocks.ts";

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
  ) => Promise<HeldBytes>;
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
    const { end, open } = this.#options;
    try {
      const held = await open({ offset: this.#position, length: end - this.#position });
      if (this.#isEnded) return held.giveBack(true);
      this.#given = held;
      this.#position += held.bytes.byteLength;
      controller.enqueue(held.bytes);
    } catch (error) {
      this.#end();
      throw error;
    }
    if (this.#position === end) this.#finish(controller);
  }

  cancel(): void {
    this.#end();
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
