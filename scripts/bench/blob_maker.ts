import { createHash, type Hash } from "node:crypto";
import { randomBytes } from "../../tests/support/random_bytes.ts";

/** A blob that no registry has seen. */
export interface FreshBlob {
  readonly digest: string;
  readonly sizeBytes: number;
  /** Its bytes, in order. */
  readonly parts: readonly Uint8Array[];
}

/** Length of the end that differs from blob to blob, in bytes. */
const OWN_BYTES = 16;

/**
 * Makes blobs that are all different at next to no cost: they share their bytes but for the end, so
 * that neither memory nor hashing grows with their number.
 */
export class BlobMaker {
  readonly #base: Uint8Array;
  /** The running hashes of the shared part, by its length. */
  readonly #hashes = new Map<number, Hash>();

  /** @param maxBytes size of the largest blob that will be asked for */
  constructor(maxBytes: number) {
    this.#base = randomBytes("benchmark", maxBytes);
  }

  /**
   * Makes a blob.
   *
   * @param sizeBytes from 16 to the largest size
   */
  make(sizeBytes: number): FreshBlob {
    const sharedBytes = sizeBytes - OWN_BYTES;
    if (sharedBytes < 0 || sharedBytes > this.#base.byteLength) {
      throw new RangeError(`Cannot make a blob of ${sizeBytes} bytes`);
    }
    const shared = this.#base.subarray(0, sharedBytes);
    const own = crypto.getRandomValues(new Uint8Array(OWN_BYTES));
    const hash = this.#hashOf(shared).copy().update(own);
    return { digest: `sha256:${hash.digest("hex")}`, sizeBytes, parts: [shared, own] };
  }

  #hashOf(shared: Uint8Array): Hash {
    const known = this.#hashes.get(shared.byteLength);
    if (known !== undefined) return known;
    const hash = createHash("sha256").update(shared);
    this.#hashes.set(shared.byteLength, hash);
    return hash;
  }
}

/** A blob of given bytes. */
export function blobOf(bytes: Uint8Array): FreshBlob {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, sizeBytes: bytes.byteLength, parts: [bytes] };
}
