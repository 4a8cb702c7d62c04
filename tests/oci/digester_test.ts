import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { toBytes } from "../../src/base/bytes.ts";
import { type DigestAlgorithm, EMPTY_DIGEST, makeDigest } from "../../src/oci/digest.ts";
import { digestBytes, Digester } from "../../src/oci/digester.ts";

const NAMES: Readonly<Record<DigestAlgorithm, string>> = {
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};
const ALGORITHM = fc.constantFrom("sha256" as const, "sha384" as const, "sha512" as const);

/** The digest that another implementation gives. */
async function expectedDigest(content: Uint8Array, algorithm: DigestAlgorithm): Promise<string> {
  const hash = await crypto.subtle.digest(NAMES[algorithm], Uint8Array.from(content));
  return makeDigest(algorithm, Buffer.from(hash).toString("hex"));
}

Deno.test("digestBytes agrees with Web Crypto", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array(), ALGORITHM, async (content, algorithm) => {
    assertEquals(digestBytes(content, algorithm), await expectedDigest(content, algorithm));
  }));
  assertEquals(digestBytes(toBytes("")), EMPTY_DIGEST);
});

Deno.test("Digester gives the digest of all pieces, however they are cut", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array()), ALGORITHM, (pieces, algorithm) => {
    const digester = new Digester(algorithm);
    for (const piece of pieces) digester.update(piece);
    const whole = Uint8Array.from(pieces.flatMap((piece) => [...piece]));
    assertEquals(digester.digest(), digestBytes(whole, algorithm));
    assertEquals(digester.sizeBytes, whole.byteLength);
  }));
});

Deno.test("Digester goes on after it has given a digest", () => {
  const digester = new Digester();
  assertEquals(digester.digest(), EMPTY_DIGEST);
  digester.update(toBytes("a"));
  assertEquals(digester.digest(), digestBytes(toBytes("a")));
  digester.update(toBytes("b"));
  assertEquals(digester.digest(), digestBytes(toBytes("ab")));
});
