import { tryByteReader } from "../base/byte_reader.ts";
import type { RemoteBlob } from "../client/registry_client.ts";

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
  /** Is told of each chunk before it is given out. */
  readonly onChunk: (bytes: Uint8Array<ArrayBuffer>, offset: number) => void;
}

/** Most bytes read at a time. */
const CHUNK_BYTES = 256 * 1024;

/**
 * A stream of a blob, or the rest of one, from another registry, which is asked when somebody is
 * ready to take it. Nothing is given out beyond the length that was said. A chunk is valid until the
 * next one is asked for: one buffer serves them all.
 */
export function incomingStream(
  options: IncomingStreamOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { offset, sizeBytes, refusal, signal, onBegin, onChunk } = options;
  let source: ChunkSource | undefined;
  let position = offset;
  return new ReadableStream({
    async pull(controller) {
      signal.throwIfAborted();
      if (source === undefined) {
        const blob = await options.open();
        source = openSource(blob.stream);
        if (sizeBytes !== undefined && (blob.sizeBytes ?? sizeBytes) !== sizeBytes) {
          await source.cancel();
          throw refusal();
        }
        onBegin();
      }
      const bytes = await source.read();
      if (bytes === undefined) {
        controller.close();
        return;
      }
      if (position + bytes.byteLength > (sizeBytes ?? Infinity)) {
        await source.cancel();
        throw refusal();
      }
      onChunk(bytes, position);
      position += bytes.byteLength;
      controller.enqueue(bytes);
    },
    cancel: (reason) => source?.cancel(reason),
  }, { highWaterMark: 0 });
}

/** A stream in chunks, each valid until the next one is asked for. */
interface ChunkSource {
  /** `undefined`: that was all. */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  cancel(reason?: unknown): Promise<void>;
}

function openSource(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ChunkSource {
  const bytes = tryByteReader(stream);
  if (bytes === undefined) {
    const reader = stream.getReader();
    return {
      read: async () => (await reader.read()).value,
      cancel: (reason) => reader.cancel(reason),
    };
  }
  let buffer = new ArrayBuffer(CHUNK_BYTES);
  return {
    async read() {
      const { value, done } = await bytes.read(new Uint8Array(buffer));
      if (value === undefined || done) return undefined;
      buffer = value.buffer as ArrayBuffer;
      return value as Uint8Array<ArrayBuffer>;
    },
    cancel: (reason) => bytes.cancel(reason),
  };
}
