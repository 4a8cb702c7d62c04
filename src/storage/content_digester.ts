import {
  CANONICAL_ALGORITHM,
  type Digest,
  type DigestAlgorithm,
  digestAlgorithm,
} from "../oci/digest.ts";
import { Digester } from "../oci/digester.ts";

/** The names of one piece of content. */
export interface ContentDigests {
  /** The digest that it is stored under. */
  readonly canonical: Digest;
  /** The digest that the client uses; often the same. */
  readonly digest: Digest;
}

/**
 * Digests of content on its way in: the canonical one, under which it is stored, and the one that
 * the client goes by where that is of another algorithm.
 */
export class ContentDigester {
  readonly #canonical = new Digester(CANONICAL_ALGORITHM);
  readonly #other: Digester | undefined;

  /** @param algorithm the algorithm of the client's digest, as far as known */
  constructor(algorithm: DigestAlgorithm = CANONICAL_ALGORITHM) {
    this.#other = algorithm === CANONICAL_ALGORITHM ? undefined : new Digester(algorithm);
  }

  /** Bytes taken so far. */
  get sizeBytes(): number {
    return this.#canonical.sizeBytes;
  }

  /** Takes the next piece. */
  update(piece: Uint8Array): void {
    this.#canonical.update(piece);
    this.#other?.update(piece);
  }

  /** The digests of what was taken, if one of them is of the algorithm that `expected` is of. */
  digests(expected: Digest): ContentDigests | undefined {
    const algorithm = digestAlgorithm(expected);
    const canonical = this.#canonical.digest();
    if (algorithm === CANONICAL_ALGORITHM) return { canonical, digest: canonical };
    if (algorithm !== this.#other?.algorithm) return undefined;
    return { canonical, digest: this.#other.digest() };
  }
}
