import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";

/** Longest wait for the next bytes of a file before they are asked for anew, in milliseconds. */
const IDLE_TIMEOUT_MS = 60_000;

/** How often bytes are asked for anew without one of them having come. */
const MAX_BARREN_ATTEMPTS = 4;

/** Most bytes read at a time. */
const READ_BYTES = 64 * 1024;

type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/** What {@linkcode resumingStream} reads. */
export interface ResumingOptions {
  /** The answer that has begun: a byte stream. */
  readonly opened: ByteStream;
  /** How many bytes are to come. */
  readonly sizeBytes: number;
  /**
   * Asks for the same content once more, without its first `skippedBytes` bytes.
   * @throws what the reader is then told
   */
  readonly reopen: (skippedBytes: number) => Promise<ByteStream>;
  /** Makes of what a connection failed with what the reader is told. */
  readonly toError: (reason: unknown) => Error;
  readonly timers?: Timers | undefined;
}

/**
 * A stream that goes on where a connection breaks, ends early or falls silent: it asks for the rest.
 * Nothing is read before it is asked for.
 */
export function resumingStream(options: ResumingOptions): ByteStream {
  return new ReadableStream(new ResumingSource(options));
}

class ResumingSource implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #options: ResumingOptions;
  readonly #timers: Timers;
  #reader: ReadableStreamBYOBReader;
  /** It goes into each read and comes back from it: new ones would pile up as garbage. */
  #buffer = new ArrayBuffer(0);
  #received = 0;
  #barrenAttempts = 0;
  #cancelled = false;

  constructor(options: ResumingOptions) {
    this.#options = options;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#reader = options.opened.getReader({ mode: "byob" });
  }

  start(controller: ReadableByteStreamController): void {
    if (this.#options.sizeBytes === 0) this.#end(controller);
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const wanted = controller.byobRequest?.view?.byteLength ?? READ_BYTES;
    const chunk = await this.#next(Math.min(wanted, READ_BYTES));
    if (this.#cancelled) return;
    const request = controller.byobRequest;
    const view = request?.view;
    if (request && view) {
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength).set(chunk);
      request.respond(chunk.byteLength);
    } else {
      controller.enqueue(chunk.slice());
    }
    if (this.#received === this.#options.sizeBytes) this.#end(controller);
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    await this.#drop();
  }

  /** What comes next, one byte at least; it is valid until the next call. */
  async #next(mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      try {
        const chunk = await this.#read(mostBytes);
        if (this.#cancelled) return chunk;
        if (chunk.byteLength > 0) {
          this.#barrenAttempts = 0;
          this.#received += chunk.byteLength;
          return chunk;
        }
      } catch (error) {
        await this.#resume(error);
      }
    }
  }

  async #read(mostBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const stopWatch = this.#timers.after(IDLE_TIMEOUT_MS, () => void this.#drop());
    // A read that failed has kept the buffer.
    if (this.#buffer.byteLength === 0) this.#buffer = new ArrayBuffer(READ_BYTES);
    try {
      const { value, done } = await this.#reader.read(new Uint8Array(this.#buffer, 0, mostBytes));
      if (value !== undefined) this.#buffer = value.buffer;
      if (done && !this.#cancelled) throw new Error("Cannot read on: the answer ended early");
      const chunk = value ?? new Uint8Array();
      if (this.#received + chunk.byteLength > this.#options.sizeBytes) {
        throw new Error("Cannot read on: the answer is longer than it said");
      }
      return chunk;
    } finally {
      stopWatch();
    }
  }

  async #resume(reason: unknown): Promise<void> {
    await this.#drop();
    const { reopen, toError } = this.#options;
    if (++this.#barrenAttempts > MAX_BARREN_ATTEMPTS) throw toError(reason);
    this.#reader = (await reopen(this.#received)).getReader({ mode: "byob" });
    if (this.#cancelled) await this.#drop();
  }

  async #drop(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  #end(controller: ReadableByteStreamController): void {
    this.#cancelled = true;
    controller.close();
    controller.byobRequest?.respond(0);
    void this.#drop();
  }
}
