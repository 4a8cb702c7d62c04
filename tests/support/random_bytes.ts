import { Buffer } from "node:buffer";
import { createCipheriv, createHash } from "node:crypto";

/** Size of the pieces of a stream, in bytes. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Bytes that look random, cannot be compressed, and are the same for the same seed.
 *
 * It is a cipher over zeros, which makes a gigabyte a second.
 */
export function randomBytes(seed: string, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const cipher = cipherOf(seed);
  const bytes = new Uint8Array(cipher.update(new Uint8Array(sizeBytes)));
  cipher.final();
  return bytes;
}

/** The bytes of {@linkcode randomBytes} as a stream, which holds one piece at a time. */
export function randomStream(
  seed: string,
  sizeBytes: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const cipher = cipherOf(seed);
  const zeros = new Uint8Array(PIECE_BYTES);
  let left = sizeBytes;
  return new ReadableStream({
    pull(controller) {
      const length = Math.min(left, PIECE_BYTES);
      if (length > 0) controller.enqueue(new Uint8Array(cipher.update(zeros.subarray(0, length))));
      left -= length;
      if (left > 0) return;
      cipher.final();
      controller.close();
    },
    cancel: () => void cipher.final(),
  }, { highWaterMark: 1 });
}

/** The digest of the bytes of {@linkcode randomStream}, which are not kept. */
export function randomDigest(seed: string, sizeBytes: number): string {
  const cipher = cipherOf(seed);
  const hash = createHash("sha256");
  const zeros = new Uint8Array(PIECE_BYTES);
  for (let left = sizeBytes; left > 0; left -= PIECE_BYTES) {
    hash.update(cipher.update(zeros.subarray(0, Math.min(left, PIECE_BYTES))));
  }
  cipher.final();
  return `sha256:${hash.digest("hex")}`;
}

/** Whoever uses it up calls `final`: some runtimes hold it until then. */
function cipherOf(seed: string): { update(data: Uint8Array): Buffer; final(): void } {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-128-ctr", key.subarray(0, 16), key.subarray(16));
}
