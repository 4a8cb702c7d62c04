import { readPieces } from "./read_pieces.ts";

/** Says that a stream holds more than is wanted. */
export class TooLargeError extends Error {
  override readonly name = "TooLargeError";

  constructor(maxBytes: number) {
    super(`Cannot read on: more than ${maxBytes} bytes`);
  }
}

/** Options of {@linkcode readAll}. */
export interface ReadAllOptions {
  /** Most bytes that are taken. */
  readonly maxBytes: number;
  /** Longest wait for the next byte, in milliseconds. */
  readonly idleTimeoutMs: number;
}

const PIECE_BYTES = 64 * 1024;

/**
 * Reads a whole, small stream into memory.
 *
 * @throws {TooLargeError} more than `maxBytes` came; and what `readPieces` throws
 */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  options: ReadAllOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes, idleTimeoutMs } = options;
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let sizeBytes = 0;
  for await (const piece of readPieces(stream, { pieceBytes: PIECE_BYTES, idleTimeoutMs })) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > maxBytes) throw new TooLargeError(maxBytes);
    pieces.push(piece.slice());
  }
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  return joinPieces(pieces, sizeBytes);
}

function joinPieces(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
