import { SYSTEM_TIMERS, type Timers } from "../../base/timers.ts";
import type { Bucket, OpenObject } from "./_bucket.ts";
import { toDriverError } from "./failures.ts";

/** Longest wait for the next bytes of an object before they are asked for anew, in milliseconds. */
const IDLE_TIMEOUT_MS = 60_000;

/** How often bytes are asked for anew without one of them having come. */
const MAX_BARREN_ATTEMPTS = 4;

/** What {@linkcode resumable} reads. */
export interface ObjectPart {
  /** The path that errors name. */
  readonly path: string;
  readonly key: string;
  /** First byte of the part. */
  readonly offset: number;
  /** The answer that has begun. */
  readonly opened: OpenObject;
  readonly timers?: Timers;
}

/**
 * A stream of an object that goes on where a connection breaks, ends early or falls silent: it asks
 * for the rest, of the same content alone. Nothing is read before it is asked for.
 */
export function resumable(
  bucket: Bucket,
  part: ObjectPart,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new ResumingSource(bucket, part));
}

type Reader = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

class ResumingSource implements UnderlyingByteSource {
  readonly type = "bytes";
  readonly #bucket: Bucket;
  readonly #part: ObjectPart;
  readonly #timers: Timers;
  #reader: Reader;
  #received = 0;
  #barrenAttempts = 0;
  #cancelled = false;

  constructor(bucket: Bucket, part: ObjectPart) {
    this.#bucket = bucket;
    this.#part = part;
    this.#timers = part.timers ?? SYSTEM_TIMERS;
    this.#reader = part.opened.stream.getReader();
  }

  start(controller: ReadableByteStreamController): void {
    if (this.#part.opened.sizeBytes === 0) this.#end(controller);
  }

  async pull(controller: ReadableByteStreamController): Promise<void> {
    const chunk = await this.#next();
    if (this.#cancelled) return;
    controller.enqueue(chunk);
    if (this.#received === this.#part.opened.sizeBytes) this.#end(controller);
  }

  async cancel(): Promise<void> {
    this.#cancelled = true;
    await this.#drop();
  }

  /** What comes next, one byte at least. */
  async #next(): Promise<Uint8Array<ArrayBuffer>> {
    for (;;) {
      try {
        const chunk = await this.#read();
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

  async #read(): Promise<Uint8Array<ArrayBuffer>> {
    const stopWatch = this.#timers.after(IDLE_TIMEOUT_MS, () => {
      this.#reader.cancel().catch(() => {});
    });
    try {
      const { value, done } = await this.#reader.read();
      if (done && !this.#cancelled) throw new Error("Cannot read on: the answer ended early");
      const chunk = value ?? new Uint8Array();
      if (this.#received + chunk.byteLength > this.#part.opened.sizeBytes) {
        throw new Error("Cannot read on: the answer is longer than it said");
      }
      return chunk;
    } finally {
      stopWatch();
    }
  }

  async #resume(reason: unknown): Promise<void> {
    await this.#drop();
    const { path, key, offset, opened } = this.#part;
    if (++this.#barrenAttempts > MAX_BARREN_ATTEMPTS) throw toDriverError(reason, path);
    try {
      const rest = await this.#bucket.get(key, {
        offset: offset + this.#received,
        length: opened.sizeBytes - this.#received,
        etag: opened.etag,
      });
      this.#reader = rest.stream.getReader();
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (this.#cancelled) await this.#drop();
  }

  async #drop(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  #end(controller: ReadableByteStreamController): void {
    this.#cancelled = true;
    controller.close();
    controller.byobRequest?.respond(0);
    this.#drop();
  }
}

/** Reads all of an object. */
export async function readWhole(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  sizeBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of stream) {
    content.set(chunk, filled);
    filled += chunk.byteLength;
  }
  return content;
}
