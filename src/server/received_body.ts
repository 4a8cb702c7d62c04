import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { takesLargeViews } from "../base/byte_reader.ts";
import type { BufferGarbage } from "./buffer_garbage.ts";

/**
 * Chunks of a body that may wait to be read, each of 64 KiB at most. A body that has to be asked for
 * waits until it is read.
 */
const WAITING_CHUNKS = 4;

/** Smaller buffers may be shared with others: Node cuts its own small ones from one of 8 KiB. */
const OWN_BUFFER_BYTES = 32 * 1024;

/** Options of {@linkcode receivedBody}. */
export interface ReceivedBodyOptions {
  /** Is called before the body is read; until then nothing of it is taken from the socket. */
  readonly onRead?: (() => void) | undefined;
  /** Is told of the buffers that bodies come in, where they are left to V8. */
  readonly garbage?: BufferGarbage | undefined;
}

/**
 * The body of a request as a stream that takes from the socket no more than is read, but for a few
 * chunks.
 */
export function receivedBody(
  incoming: IncomingMessage | Http2ServerRequest,
  options: ReceivedBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return takesLargeViews(new ReadableStream(new ReceivedChunks(incoming, options)));
}

/** The chunks of a body that have come and are not yet read. */
class ReceivedChunks implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #incoming: IncomingMessage | Http2ServerRequest;
  readonly #options: ReceivedBodyOptions;
  readonly #buffers: SpentBuffers | undefined;
  #waiting: Uint8Array<ArrayBuffer>[] = [];
  #end: { readonly error?: Error } | undefined;
  #isCancelled = false;
  #wake = () => {};

  constructor(incoming: IncomingMessage | Http2ServerRequest, options: ReceivedBodyOptions) {
    this.#incoming = incoming;
    this.#options = options;
    // What comes over HTTP/2 is shared with other requests of the connection.
    this.#buffers = "stream" in incoming ? undefined : new SpentBuffers();
  }

  start(): void {
    const incoming = this.#incoming;
    incoming.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      if (this.#end !== undefined) return;
      this.#waiting.push(chunk);
      const isLeft = this.#buffers === undefined || chunk.buffer.byteLength < OWN_BUFFER_BYTES;
      if (isLeft) this.#options.garbage?.add(chunk.byteLength);
      if (this.#waiting.length >= WAITING_CHUNKS) incoming.pause();
      this.#wake();
    });
    incoming.on("end", () => this.#finish({}));
    incoming.on("error", (error) => this.#finish({ error }));
    incoming.on("close", () => this.#finish({ error: new Error("the client has gone") }));
    if (this.#options.onRead === undefined) incoming.resume();
    else incoming.pause();
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    this.#options.onRead?.();
    while (this.#waiting.length === 0 && this.#end === undefined) {
      this.#incoming.resume();
      await this.#next();
    }
    if (this.#isCancelled) return;
    if (this.#waiting.length > 0) return this.#give(controller);
    if (this.#end?.error !== undefined) throw this.#end.error;
    controller.close();
    controller.byobRequest?.respond(0);
  }

  cancel(): void {
    this.#isCancelled = true;
    this.#waiting = [];
    this.#finish({});
    // What still comes is thrown away: it would be taken for the next request.
    this.#incoming.resume();
  }

  /** Resolves when something has come, or nothing more will. */
  #next(): Promise<void> {
    return new Promise((resolve) => this.#wake = resolve);
  }

  #finish(end: { readonly error?: Error }): void {
    this.#end ??= end;
    this.#wake();
  }

  #give(controller: ReadableByteStreamController): void {
    const view = controller.byobRequest?.view;
    // A copy, as the stream takes its buffer away from others.
    if (!view) return controller.enqueue(this.#take(Infinity).slice());
    const target = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    let filled = 0;
    while (filled < target.byteLength && this.#waiting.length > 0) {
      const part = this.#take(target.byteLength - filled);
      target.set(part, filled);
      filled += part.byteLength;
    }
    controller.byobRequest?.respond(filled);
  }

  /** Takes the next bytes, of one chunk and `most` at most. */
  #take(most: number): Uint8Array<ArrayBuffer> {
    const [chunk = new Uint8Array(0), ...others] = this.#waiting;
    this.#buffers?.begin(chunk.buffer);
    const part = chunk.subarray(0, most);
    const rest = chunk.subarray(part.byteLength);
    this.#waiting = rest.byteLength > 0 ? [rest, ...others] : others;
    return part;
  }
}

/**
 * Gives the memory of buffers back once all that came in them is read. The runtime takes a new one
 * for each read of the socket; V8 would leave them all for full collections, which take 20 ms each.
 *
 * The first one stays, as the request before may have its end in it, and the last one too.
 */
class SpentBuffers {
  #first: ArrayBuffer | undefined;
  #current: ArrayBuffer | undefined;

  /** Says from which buffer is read now: chunks are read in the order in which they came. */
  begin(buffer: ArrayBuffer): void {
    this.#first ??= buffer;
    const before = this.#current;
    this.#current = buffer;
    if (before === undefined || before === buffer || before === this.#first) return;
    if (before.byteLength >= OWN_BUFFER_BYTES) before.transfer(0);
  }
}
