import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import {
  CANONICAL_ALGORITHM,
  digestAlgorithm,
  DigestError,
  type DigestErrorCode,
  digestHex,
  EMPTY_DIGEST,
  isCanonical,
  isDigest,
  isDigestAlgorithm,
  makeDigest,
  parseDigest,
} from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";

const HEX = "0123456789abcdef".repeat(8);
const LENGTHS = { sha256: 64, sha384: 96, sha512: 128 } as const;

const ANY_DIGEST = fc.constantFrom("sha256" as const, "sha384" as const, "sha512" as const)
  .chain((algorithm) =>
    fc.string({
      unit: fc.constantFrom(..."0123456789abcdef"),
      minLength: LENGTHS[algorithm],
      maxLength: LENGTHS[algorithm],
    }).map((hex) => ({ algorithm, hex }))
  );

Deno.test("parseDigest takes every digest of a supported algorithm", () => {
  fc.assert(fc.property(ANY_DIGEST, ({ algorithm, hex }) => {
    const digest = parseDigest(`${algorithm}:${hex}`);
    assertEquals(digestAlgorithm(digest), algorithm);
    assertEquals(digestHex(digest), hex);
    assertEquals(makeDigest(algorithm, hex), digest);
    assertEquals(isCanonical(digest), algorithm === CANONICAL_ALGORITHM);
  }));
});

Deno.test("isDigest refuses a digest with one character changed, added or left out", () => {
  const odd = fc.constantFrom(..."ABCDEFg ghxyz:/.-_\n\0é");
  fc.assert(fc.property(ANY_DIGEST, odd, fc.nat(), ({ algorithm, hex }, letter, seed) => {
    const at = seed % hex.length;
    const [before, after] = [`${algorithm}:${hex.slice(0, at)}`, hex.slice(at + 1)];
    assert(!isDigest(before + letter + after));
    assert(!isDigest(before + after));
    assert(!isDigest(before + letter + hex[at] + after));
    assert(!isDigest(`${before}0${hex[at]}${after}`));
  }));
});

const REFUSED: Readonly<Record<DigestErrorCode, readonly string[]>> = {
  invalid_format: [
    "",
    ":",
    "sha256",
    "sha256x",
    "sha256:",
    `:${HEX.slice(0, 64)}`,
    `SHA256:${HEX.slice(0, 64)}`,
    `sha256:${HEX.slice(0, 64).toUpperCase()}`,
    `sha256:${HEX.slice(0, 63)}g`,
    `sha256:${HEX.slice(0, 63)}\n`,
    `.sha256:${HEX.slice(0, 64)}`,
    `sha++256:${HEX.slice(0, 64)}`,
    `md5:${HEX.slice(0, 31)}/`,
    "__proto__:00",
    HEX.slice(0, 64),
  ],
  unsupported_algorithm: [
    `md5:${HEX.slice(0, 32)}`,
    `sha257:${HEX.slice(0, 64)}`,
    `sha1:${HEX.slice(0, 40)}`,
    "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
    "constructor:00",
    "tostring:00",
  ],
  invalid_length: [
    "sha256:abc",
    `sha256:${HEX.slice(0, 63)}`,
    `sha256:${HEX.slice(0, 65)}`,
    `sha384:${HEX.slice(0, 64)}`,
    `sha512:${HEX.slice(0, 64)}`,
    `sha256:${HEX.slice(0, 64)}\n`,
  ],
};

for (const [code, texts] of Object.entries(REFUSED)) {
  Deno.test(`parseDigest answers ${code}`, () => {
    for (const text of texts) {
      const error: DigestError = assertThrows(() => parseDigest(text), DigestError);
      assertEquals([text, error.code], [text, code]);
      assert(!isDigest(text));
    }
  });
}

Deno.test("isDigestAlgorithm knows no inherited names", () => {
  for (const name of ["sha256", "sha384", "sha512"]) assert(isDigestAlgorithm(name));
  for (const name of ["", "md5", "__proto__", "constructor", "SHA256"]) {
    assert(!isDigestAlgorithm(name));
  }
});

Deno.test("EMPTY_DIGEST is the digest of nothing", () => {
  assertEquals(EMPTY_DIGEST, digestBytes(new Uint8Array()));
});

Deno.test("isDigest answers for 64 KiB of anything", () => {
  const pieces = ["a", "a.", "a+a_", "0", "-", "a:", "=", "sha256:"];
  for (const piece of pieces) {
    const text = piece.repeat(65_536 / piece.length);
    for (const hostile of [text, `sha256:${text}`, `${text}:`, `${text}!`, `${text}:0/`]) {
      assert(!isDigest(hostile));
    }
  }
});
