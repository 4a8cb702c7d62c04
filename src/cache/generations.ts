import { type Digest, digestHex } from "../oci/digest.ts";

/** So many counters: a removal makes only what shares its counter be looked up anew. */
const COUNT = 4096;

/** Hexadecimal digits that number a counter. */
const DIGITS = 3;

/** Memory for {@linkcode Generations} that threads share, all at zero. */
export function newGenerations(): SharedArrayBuffer {
  return new SharedArrayBuffer(COUNT * Int32Array.BYTES_PER_ELEMENT);
}

/** Counters that all threads see at once: each removal raises the one of its digest. */
export class Generations {
  readonly #counters: Int32Array<SharedArrayBuffer>;

  /** @param memory what {@linkcode newGenerations} gave, the same in each thread */
  constructor(memory: SharedArrayBuffer) {
    this.#counters = new Int32Array(memory);
  }

  /** The generation of a digest now. */
  current(digest: Digest): number {
    return Atomics.load(this.#counters, indexOf(digest));
  }

  /** Makes all that is known of a digest old. */
  raise(digest: Digest): void {
    Atomics.add(this.#counters, indexOf(digest), 1);
  }
}

function indexOf(digest: Digest): number {
  return parseInt(digestHex(digest).slice(0, DIGITS), 16);
}
