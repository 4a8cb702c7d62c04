import { tryByteReader } from "../base/byte_reader.ts";
import { SpareBuffers } from "../base/spare_buffers.ts";
import type { Timers } from "../base/timers.ts";
import type { RemoteBlob } from "../client/registry_client.ts";
import type { HeldBytes, SharedBlocks } from "./shared_blocks.ts";

/** What {@linkcode incomingStream} needs. */
export interface IncomingStreamOptions {
  /** Asks for the blob from `offset` on. */
  readonly open: () => Promise<RemoteBlob>;
  /** First byte. */
  readonly offset: number;
  /** Length of the whole blob in bytes, if it is known. */
  readonly sizeBytes: number | undefined;
  /** What the blob is refused with that has another length. */
  readonly refusal: () => Error;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Is told when the answer has begun. */
  readonly onBegin: () => void;
  /** Where the bytes are kept for others too. */
  readonly blocks: Pick<SharedBlocks, "roomAt" | "add" | "find">;
  /** Is told when more of them are there. */
  readonly onBytes: () => void;
  readonly timers: Timers;
}

/** Most bytes read at a time. */
const READ_BYTES = 256 * 1024;

/** What streams are read into, one after the other. */
const SPARE_BUFFERS = new SpareBuffers();

/**
 * How long bytes may wait for those behind them, in milliseconds: a connection gives 60 kB at a time,
 * and each time costs all who read.
 */
const GATHER_MS = 3;

/**
 * A stream of a blob, or the rest of one, from another registry, which is asked when somebody is
 * ready to take it. Nothing is given out beyond the length that was said. A chunk is valid until the
 * next one is asked for.
 */
export function incomingStream(
  options: IncomingStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(new IncomingSource(options), { highWaterMark: 0 });
}

class IncomingSource implements UnderlyingDefaultSource<Uint8Array<ArrayBuffer>> {
  readonly #options: IncomingStreamOptions;
  /** Where the bytes begin that were not given out yet, and where they end. */
  #start: number;
  #end: number;
  #source: ChunkSource | undefined;
  #next: Promise<Uint8Array<ArrayBuffer> | undefined> | undefined;
  #given: HeldBytes | undefined;

  constructor(options: IncomingStreamOptions) {
    this.#options = options;
    this.#start = options.offset;
    this.#end = options.offset;
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>): Promise<void> {
    const { signal, blocks, onBytes } = this.#options;
    this.#given?.giveBack(true);
    this.#given = undefined;
    signal.throwIfAborted();
    const source = this.#source ??= await this.#open();
    await this.#gather(source);
    if (this.#end === this.#start) return controller.close();
    this.#given = blocks.find(this.#start, this.#end - this.#start);
    if (this.#given === undefined) throw new Error("Cannot go on: the bytes are lost");
    this.#start = this.#end;
    onBytes();
    controller.enqueue(this.#given.bytes);
  }

  /** Takes what comes, up to the end of a block; of what comes slowly, little at a time. */
  async #gather(source: ChunkSource): Promise<void> {
    const { blocks, timers, sizeBytes } = this.#options;
    const mostBytes = blocks.roomAt(this.#start);
    if (!await this.#take(source, mostBytes)) return;
    const late = Promise.withResolvers<true>();
    const cancelTimer = timers.after(GATHER_MS, () => late.resolve(true));
    try {
      for (;;) {
        const leftBytes = mostBytes - (this.#end - this.#start);
        if (leftBytes === 0 || this.#end === sizeBytes) return;
        this.#next ??= source.read(leftBytes);
        if (await Promise.race([this.#next.then(() => false, () => true), late.promise])) return;
        if (!await this.#take(source, leftBytes)) return;
      }
    } finally {
      cancelTimer();
    }
  }

  /** Takes what comes next, and waits for it; gives whether there was anything. */
  async #take(source: ChunkSource, mostBytes: number): Promise<boolean> {
    const { sizeBytes = Infinity, refusal, blocks } = this.#options;
    this.#next ??= source.read(mostBytes);
    const bytes = await this.#next;
    if (bytes === undefined) return false;
    this.#next = undefined;
    if (this.#end + bytes.byteLength > sizeBytes) {
      await source.cancel();
      throw refusal();
    }
    blocks.add(bytes, this.#end);
    this.#end += bytes.byteLength;
    return true;
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#source?.cancel(reason);
  }

  async #open(): Promise<ChunkSource> {
    const { open, sizeBytes, refusal, onBegin } = this.#options;
    const blob = await open();
    const source = openSource(blob.stream);
    if (sizeBytes !== undefined && (blob.sizeBytes ?? sizeBytes) !== sizeBytes) {
      await source.cancel();
      throw refusal();
    }
    onBegin();
    return source;
  }
}

/** A stream in chunks, each valid until the next one is asked for. */
interface ChunkSource {
  /** Some bytes, so many at most; `undefined`: that was all. */
  read(mostBytes: number): Promise<Uint8Array<ArrayBuffer> | undefined>;
  cancel(reason?: unknown): Promise<void>;
}

function openSource(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ChunkSource {
  const bytes = tryByteReader(stream);
  if (bytes === undefined) return openChunks(stream.getReader());
  let buffer: ArrayBuffer | undefined = SPARE_BUFFERS.take(READ_BYTES);
  return {
    async read(mostBytes) {
      if (buffer === undefined) return undefined;
      const view = new Uint8Array(buffer, 0, Math.min(READ_BYTES, mostBytes));
      buffer = undefined;
      const { value, done } = await bytes.read(view);
      if (value === undefined) return undefined;
      if (done) {
        SPARE_BUFFERS.give(value.buffer as ArrayBuffer);
        return undefined;
      }
      buffer = value.buffer as ArrayBuffer;
      return value as Uint8Array<ArrayBuffer>;
    },
    async cancel(reason) {
      // One that is being read into is lost.
      if (buffer !== undefined) SPARE_BUFFERS.give(buffer);
      buffer = undefined;
      await bytes.cancel(reason);
    },
  };
}

/** Cuts chunks that are larger than wanted. */
function openChunks(reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>): ChunkSource {
  let rest: Uint8Array<ArrayBuffer> | undefined;
  return {
    async read(mostBytes) {
      while (rest === undefined || rest.byteLength === 0) {
        const { value, done } = await reader.read();
        if (done) return undefined;
        rest = value;
      }
      const part = rest.subarray(0, mostBytes);
      rest = rest.subarray(part.byteLength);
      return part;
    },
    cancel: (reason) => reader.cancel(reason),
  };
}
