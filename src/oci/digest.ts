/**
 * Digests: the algorithm and the hash that name content.
 *
 * Source: OCI image specification, "Digests"; Distribution's set of algorithms.
 *
 * @module
 */

declare const digestBrand: unique symbol;

/** A valid digest such as `sha256:e3b0…`; made by {@linkcode parseDigest} alone. */
export type Digest = string & { readonly [digestBrand]: true };

/** The algorithms that a digest may name. */
export type DigestAlgorithm = "sha256" | "sha384" | "sha512";

/** The algorithm under which all content is stored, as Distribution does. */
export const CANONICAL_ALGORITHM = "sha256" satisfies DigestAlgorithm;

/** The other algorithms: content may be known by them too, but is not stored under them. */
export const ALIAS_ALGORITHMS = ["sha384", "sha512"] as const satisfies DigestAlgorithm[];

/** Length of the hash in hexadecimal digits. */
const HEX_LENGTH: Readonly<Record<DigestAlgorithm, number>> = {
  sha256: 64,
  sha384: 96,
  sha512: 128,
};

const SHAPE_REGEXP = /^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[A-Za-z0-9=_-]+$/;
const HEX_REGEXP = /^[0-9a-f]+$/;

/** The digest of no content at all. */
export const EMPTY_DIGEST =
  "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" as Digest;

/** What is wrong with a text that should be a digest. */
export type DigestErrorCode = "invalid_format" | "unsupported_algorithm" | "invalid_length";

/** Says why a text is not a digest. */
export class DigestError extends Error {
  override readonly name = "DigestError";
  readonly code: DigestErrorCode;

  constructor(code: DigestErrorCode) {
    super(DIGEST_MESSAGES[code]);
    this.code = code;
  }
}

/** Distribution's wording, which goes out as the detail of `DIGEST_INVALID`. */
const DIGEST_MESSAGES: Readonly<Record<DigestErrorCode, string>> = {
  invalid_format: "invalid checksum digest format",
  unsupported_algorithm: "unsupported digest algorithm",
  invalid_length: "invalid checksum digest length",
};

/**
 * Reads a digest.
 *
 * @throws {DigestError} invalid_format, unsupported_algorithm, invalid_length
 */
export function parseDigest(text: string): Digest {
  const problem = digestProblem(text);
  if (problem !== undefined) throw new DigestError(problem);
  return text as Digest;
}

/** Tells whether `text` is a digest of a supported algorithm. */
export function isDigest(text: string): text is Digest {
  return digestProblem(text) === undefined;
}

/** Tells whether `text` is an algorithm that digests may use. */
export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return Object.hasOwn(HEX_LENGTH, text);
}

/** The algorithm of a digest. */
export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(":")) as DigestAlgorithm;
}

/** The hash of a digest, in lower-case hexadecimal. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** Puts a digest together; the caller has made `hex` with a hash of `algorithm`. */
export function makeDigest(algorithm: DigestAlgorithm, hex: string): Digest {
  return parseDigest(`${algorithm}:${hex}`);
}

/** Tells whether content is stored under this very digest, not under another name of it. */
export function isCanonical(digest: Digest): boolean {
  return digest.startsWith("sha256:");
}

function digestProblem(text: string): DigestErrorCode | undefined {
  const colon = text.indexOf(":");
  const algorithm = text.slice(0, colon);
  const hex = text.slice(colon + 1);
  if (!isDigestAlgorithm(algorithm)) {
    return SHAPE_REGEXP.test(text) ? "unsupported_algorithm" : "invalid_format";
  }
  if (colon === -1 || hex === "") return "invalid_format";
  if (hex.length !== HEX_LENGTH[algorithm]) return "invalid_length";
  return HEX_REGEXP.test(hex) ? undefined : "invalid_format";
}
