import { toBytes } from "../base/bytes.ts";
import type { Content } from "../storage/store.ts";
import { type ByteRange, formatContentRange } from "./byte_range.ts";

/** Options of {@linkcode multipartRanges}. */
export interface MultipartOptions {
  /** The parts, in the order in which they are sent; at least one. */
  readonly ranges: readonly ByteRange[];
  /** Length of the whole content. */
  readonly sizeBytes: number;
  /** Media type of the content. */
  readonly contentType: string;
  /** Separates the parts; must not occur in the content, so it is to be random, of 1 to 70 letters. */
  readonly boundary: string;
  /** Opens one part; called for one after the other, when it is about to be sent. */
  readonly open: (range: ByteRange) => Promise<Content>;
}

/** An answer of several parts. */
export interface MultipartRanges {
  readonly contentType: string;
  readonly contentLengthBytes: number;
  /**
   * Fails where a part cannot be opened or is not as long as it should be. When it is cancelled, so
   * is the part that is being sent; further ones are not opened.
   */
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Puts several parts of content into one body.
 *
 * Source: RFC 9110, section 14.6.
 */
export function multipartRanges(options: MultipartOptions): MultipartRanges {
  const { ranges, sizeBytes, contentType, boundary, open } = options;
  const parts = ranges.map((range, index) => ({
    range,
    head: toBytes(
      `${index === 0 ? "" : "\r\n"}--${boundary}\r\n` +
        `Content-Range: ${formatContentRange(range, sizeBytes)}\r\n` +
        `Content-Type: ${contentType}\r\n\r\n`,
    ),
  }));
  const tail = toBytes(`\r\n--${boundary}--\r\n`);
  const contentLengthBytes = parts.reduce(
    (sum, { range, head }) => sum + head.byteLength + range.length,
    tail.byteLength,
  );
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    contentLengthBytes,
    body: new ReadableStream(new PartsSource({ parts, tail, open }), { highWaterMark: 0 }),
  };
}

/** What a body is made of. */
interface Parts {
  readonly parts: readonly {
    readonly range: ByteRange;
    /** What stands before the part. */
    readonly head: Uint8Array<ArrayBuffer>;
  }[];
  /** What stands behind the last part. */
  readonly tail: Uint8Array<ArrayBuffer>;
  readonly open: MultipartOptions["open"];
}

type PartReader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

class PartsSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>;
  #reader: PartReader | undefined;
  #cancelled: { readonly reason: unknown } | undefined;

  constructor(parts: Parts) {
    this.#pieces = this.#produce(parts);
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const { done, value } = await this.#pieces.next();
    if (done) controller.close();
    else controller.enqueue(value);
  }

  /** Ends a read that is under way, which leaving the generator would wait for. */
  async cancel(reason: unknown): Promise<void> {
    this.#cancelled = { reason };
    await this.#reader?.cancel(reason);
  }

  async *#produce({ parts, tail, open }: Parts): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    for (const { range, head } of parts) {
      yield head;
      yield* this.#read(await open(range), range.length);
    }
    yield tail;
  }

  async *#read(
    content: Content,
    lengthBytes: number,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    const stream = content instanceof ReadableStream ? content : ReadableStream.from([content]);
    const reader = stream.getReader();
    this.#reader = reader;
    if (this.#cancelled !== undefined) await reader.cancel(this.#cancelled.reason);
    let missingBytes = lengthBytes;
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      missingBytes -= value.byteLength;
      if (missingBytes < 0) break;
      yield value;
    }
    this.#reader = undefined;
    if (missingBytes === 0) return;
    await reader.cancel();
    throw new RangeError(`Cannot send a part: its length differs by ${-missingBytes} bytes`);
  }
}
