import { createHash, type Hash } from "node:crypto";

/** A blob that no registry has seen. */
export interface FreshBlob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** Its bytes, in order. */
  readonly parts: readonly Uint8Array[];
}

/** Length of the end that differs from blob to blob, in bytes. */
const OWN_BYTES = 16;

/** Length of the bytes that are sent over and over, in bytes. */
const BASE_BYTES = 16 * 1024 * 1024;

/**
 * Makes blobs that are all different at next to no cost: they share their bytes but for the end, so
 * that neither memory nor hashing grows with their number.
 */
export class BlobMaker {
  readonly #base = randomBytes(BASE_BYTES);
  /** The shared parts, by their length in bytes. */
  readonly #shared = new Map<number, SharedPart>();

  /**
   * Makes a blob.
   *
   * @param sizeBytes 16 or more
   */
  make(sizeBytes: number): FreshBlob {
    if (sizeBytes < OWN_BYTES) throw new RangeError(`Cannot make a blob of ${sizeBytes} bytes`);
    const { parts, hash } = this.#sharedPart(sizeBytes - OWN_BYTES);
    const own = crypto.getRandomValues(new Uint8Array(OWN_BYTES));
    const digest = hash.copy().update(own).digest("hex");
    return { digest: `sha256:${digest}`, sizeBytes, parts: [...parts, own] };
  }

  #sharedPart(sizeBytes: number): SharedPart {
    const known = this.#shared.get(sizeBytes);
    if (known !== undefined) return known;
    const parts: Uint8Array[] = [];
    for (let left = sizeBytes; left > 0; left -= BASE_BYTES) {
      parts.push(this.#base.subarray(0, Math.min(left, BASE_BYTES)));
    }
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    const shared = { parts, hash };
    this.#shared.set(sizeBytes, shared);
    return shared;
  }
}

/** What blobs of one size have in common. */
interface SharedPart {
  readonly parts: readonly Uint8Array[];
  /** Has taken the parts. */
  readonly hash: Hash;
}

/** Most bytes that the system gives at once. */
const RANDOM_BYTES = 64 * 1024;

/** Bytes that cannot be compressed. */
function randomBytes(sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  for (let start = 0; start < sizeBytes; start += RANDOM_BYTES) {
    crypto.getRandomValues(bytes.subarray(start, start + RANDOM_BYTES));
  }
  return bytes;
}

/** A blob of given bytes. */
export function blobOf(bytes: Uint8Array): FreshBlob {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, sizeBytes: bytes.byteLength, parts: [bytes] };
}
