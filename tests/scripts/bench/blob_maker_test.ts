import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { BlobMaker, blobOf, type FreshBlob } from "../../../scripts/bench/blob_maker.ts";
import { digestOf } from "../../support/images.ts";

function bytesOf({ parts }: FreshBlob): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

Deno.test("BlobMaker gives each blob its right digest", () => {
  const maker = new BlobMaker();
  for (const sizeBytes of [16, 17, 5000]) {
    const [one, other] = [maker.make(sizeBytes), maker.make(sizeBytes)];
    assertEquals(bytesOf(one).length, sizeBytes);
    assertEquals(one.digest, digestOf(bytesOf(one)));
    assertEquals(other.digest, digestOf(bytesOf(other)));
    assertNotEquals(one.digest, other.digest);
  }
  assertThrows(() => maker.make(15), RangeError);
});

Deno.test("BlobMaker makes blobs larger than its memory of the same bytes again", () => {
  const sizeBytes = 40 * 1024 * 1024 + 16;
  const { parts } = new BlobMaker().make(sizeBytes);
  assertEquals(parts.map(({ byteLength }) => byteLength / 1024 ** 2), [16, 16, 8, 16 / 1024 ** 2]);
  assertEquals(new Set(parts.slice(0, 3).map(({ buffer }) => buffer)).size, 1);
});

Deno.test("blobOf names bytes", () => {
  const bytes = new Uint8Array([1, 2]);
  assertEquals(blobOf(bytes), { digest: digestOf(bytes), sizeBytes: 2, parts: [bytes] });
});
