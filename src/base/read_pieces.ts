import { isForLargeViews, tryByteReader } from "./byte_reader.ts";
import { isOlderRuntime } from "./older_runtime.ts";
import { SpareBuffers } from "./spare_buffers.ts";

/** What bodies are read into, one after the other. */
const SPARE_BUFFERS = new SpareBuffers();

/** Says that a stream gave nothing for too long. */
export class IdleError extends Error {
  override readonly name = "IdleError";

  constructor(idleMs: number) {
    super(`Cannot read on: nothing arrived for ${idleMs / 1000} s`);
  }
}

/** Options of {@linkcode readPieces}. */
export interface ReadPiecesOptions {
  /** Size of a piece in bytes; only the last one may be smaller. 1 or more. */
  readonly pieceBytes: number;
  /**
   * A chunk of the stream's own that has so many bytes is a piece too, as it is: waiting for more
   * would cost a copy. @default `pieceBytes`
   */
  readonly leastBytes?: number;
  /** Longest wait for the next byte, in milliseconds; there is no limit on the whole. */
  readonly idleTimeoutMs: number;
}

/**
 * Cuts a stream into large pieces, so that what follows (hash, write) is called seldom.
 *
 * A piece is valid until the next one is asked for: one buffer serves them all. The stream is
 * cancelled when the caller leaves early.
 *
 * @throws {IdleError} nothing arrived for `idleTimeoutMs`; and whatever the stream fails with,
 * after what had arrived was yielded
 */
export async function* readPieces(
  stream: ReadableStream<Uint8Array>,
  options: ReadPiecesOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const source = openSource(stream, options);
  const watch = watchIdle(options.idleTimeoutMs, () => source.cancel());
  try {
    for (;;) {
      const { piece, end } = await fill(source, watch);
      if (piece.byteLength > 0) yield piece;
      if (source.failure !== undefined) throw source.failure.error;
      if (watch.expired) throw new IdleError(options.idleTimeoutMs);
      if (end) return source.end?.();
    }
  } finally {
    watch.stop();
    await source.cancel();
  }
}

/** A stream, and the buffer that its bytes go to. */
interface Source {
  /** Reads behind the first `filled` bytes of the buffer; gives how many came, 0 at the end. */
  read(filled: number): Promise<number>;
  /** Whether what was read is as good as a whole piece. */
  readonly isEnough?: boolean;
  /** The first `length` bytes of the buffer. */
  take(length: number): Uint8Array<ArrayBuffer>;
  /** Says that all was read, and that nobody uses the last piece any more. */
  end?(): void;
  cancel(): Promise<void>;
  readonly pieceBytes: number;
  failure?: { readonly error: unknown };
}

async function fill(
  source: Source,
  watch: IdleWatch,
): Promise<{ piece: Uint8Array<ArrayBuffer>; end: boolean }> {
  let filled = 0;
  while (filled < source.pieceBytes) {
    watch.begin();
    let count = 0;
    try {
      count = await source.read(filled);
    } catch (error) {
      source.failure = { error };
    }
    watch.end();
    if (count === 0) return { piece: source.take(filled), end: true };
    filled += count;
    if (source.isEnough) break;
  }
  return { piece: source.take(filled), end: false };
}

function openSource(
  stream: ReadableStream<Uint8Array>,
  { pieceBytes, leastBytes = pieceBytes }: ReadPiecesOptions,
): Source {
  const byteReader = tryByteReader(stream);
  if (byteReader === undefined) return chunkSource(stream.getReader(), { pieceBytes, leastBytes });
  const maxViewBytes = isForLargeViews(stream) ? pieceBytes : MAX_VIEW_BYTES;
  return byteSource(byteReader, { pieceBytes, maxViewBytes });
}

/**
 * From 2.8.3 on, Deno takes from the socket as many bytes as the largest read of the connection
 * asked for, and gives no more than the rest of one chunk. Where a body comes in chunks the
 * difference piles up, and for each read all of it is moved: in chunks of 8 KiB, reads of 256 KiB
 * make 3 MB/s of what reads of 16 KiB make 190 MB/s of.
 */
const HOARDS_CHUNKS = !isOlderRuntime("2.8.3");

/** Most bytes that are asked for at once: many, for each read costs some microseconds. */
const MAX_VIEW_BYTES = HOARDS_CHUNKS ? 16 * 1024 : 1024 * 1024;

/** Lets the stream write into the buffer itself. */
function byteSource(
  reader: ReadableStreamBYOBReader,
  { pieceBytes, maxViewBytes }: { readonly pieceBytes: number; readonly maxViewBytes: number },
): Source {
  let buffer = SPARE_BUFFERS.take(pieceBytes);
  return {
    pieceBytes,
    async read(filled) {
      const viewBytes = Math.min(maxViewBytes, pieceBytes - filled);
      const { value } = await reader.read(new Uint8Array(buffer, filled, viewBytes));
      if (value !== undefined) buffer = value.buffer;
      return value?.byteLength ?? 0;
    },
    // A failed read leaves the buffer detached: there is nothing to take then.
    take: (length) => new Uint8Array(buffer, 0, buffer.byteLength === 0 ? 0 : length),
    end: () => SPARE_BUFFERS.give(buffer),
    cancel: () => reader.cancel().catch(() => {}),
  };
}

/**
 * Copies the stream's own chunks into the buffer, but for large ones, which are pieces as they are;
 * a chunk may be larger than the rest of the buffer.
 */
function chunkSource(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { pieceBytes, leastBytes }: Required<Pick<ReadPiecesOptions, "pieceBytes" | "leastBytes">>,
): Source {
  let buffer: Uint8Array<ArrayBuffer> | undefined;
  let chunk: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  let whole: Uint8Array<ArrayBuffer> | undefined;
  return {
    pieceBytes,
    get isEnough() {
      return whole !== undefined;
    },
    async read(filled) {
      whole = undefined;
      while (chunk.byteLength === 0) {
        const { value, done } = await reader.read();
        if (done) return 0;
        chunk = value as Uint8Array<ArrayBuffer>;
      }
      const part = chunk.subarray(0, pieceBytes - filled);
      chunk = chunk.subarray(part.byteLength);
      if (filled === 0 && part.byteLength >= leastBytes) whole = part;
      else (buffer ??= new Uint8Array(pieceBytes)).set(part, filled);
      return part.byteLength;
    },
    take: (length) => whole ?? (buffer ?? new Uint8Array(0)).subarray(0, length),
    cancel: () => reader.cancel().catch(() => {}),
  };
}

/** Watches the time between `begin` and `end`. */
interface IdleWatch {
  readonly expired: boolean;
  begin(): void;
  end(): void;
  stop(): void;
}

/** One timer for the whole stream: a timer for each read would cost more than the read. */
function watchIdle(idleTimeoutMs: number, onExpired: () => void): IdleWatch {
  let waitingSinceMs: number | undefined;
  let expired = false;
  const timer = setInterval(() => {
    if (waitingSinceMs === undefined || expired) return;
    if (performance.now() - waitingSinceMs < idleTimeoutMs) return;
    expired = true;
    onExpired();
  }, Math.max(1, idleTimeoutMs / 4));
  return {
    get expired() {
      return expired;
    },
    begin() {
      waitingSinceMs = performance.now();
    },
    end() {
      waitingSinceMs = undefined;
    },
    stop: () => clearInterval(timer),
  };
}
