import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { ContentDigester } from "../../src/storage/content_digester.ts";

const CONTENT = toBytes("some content");
const SHA256 = digestBytes(CONTENT);
const SHA512 = digestBytes(CONTENT, "sha512");

Deno.test("ContentDigester of nothing gives the digest of nothing", () => {
  const digester = new ContentDigester();

  assertEquals(digester.sizeBytes, 0);
  assertEquals(digester.digests(SHA256), { canonical: EMPTY_DIGEST, digest: EMPTY_DIGEST });
});

Deno.test("ContentDigester gives the digests of all pieces, and takes more afterwards", () => {
  const digester = new ContentDigester("sha512");

  digester.update(CONTENT.subarray(0, 5));
  const half = digestBytes(CONTENT.subarray(0, 5));
  assertEquals(digester.digests(SHA256), { canonical: half, digest: half });
  digester.update(CONTENT.subarray(5));

  assertEquals(digester.sizeBytes, CONTENT.byteLength);
  assertEquals(digester.digests(SHA256), { canonical: SHA256, digest: SHA256 });
  assertEquals(digester.digests(SHA512), { canonical: SHA256, digest: SHA512 });
});

Deno.test("ContentDigester says nothing of algorithms that it was not made for", () => {
  const plain = new ContentDigester();
  const other = new ContentDigester("sha384");
  for (const digester of [plain, other]) digester.update(CONTENT);

  assertEquals(plain.digests(SHA512), undefined);
  assertEquals(other.digests(SHA512), undefined);
});
