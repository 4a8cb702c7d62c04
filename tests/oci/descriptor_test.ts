import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { DescriptorError, parseDescriptor, SHOWN_LENGTH } from "../../src/oci/descriptor.ts";
import { EMPTY_DIGEST, isDigest } from "../../src/oci/digest.ts";

function refusal(value: unknown): DescriptorError {
  return assertThrows(() => parseDescriptor(value), DescriptorError);
}

Deno.test("parseDescriptor keeps the fields that it knows", () => {
  const descriptor = {
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    digest: EMPTY_DIGEST,
    size: 0,
    urls: ["https://example.com/"],
    annotations: { a: "b" },
    data: "",
    platform: { architecture: "arm64", os: "linux", variant: "v8", "os.features": ["x"] },
    artifactType: "application/example",
  };
  assertEquals(parseDescriptor({ ...descriptor, unknown: [1] }), descriptor);
});

Deno.test("parseDescriptor requires the digest alone and takes null for nothing", () => {
  const expected = { mediaType: "", digest: EMPTY_DIGEST };
  assertEquals(parseDescriptor({ digest: EMPTY_DIGEST }), expected);
  const nulls = { mediaType: null, size: null, urls: null, annotations: null, platform: null };
  assertEquals(parseDescriptor({ ...nulls, digest: EMPTY_DIGEST }), expected);
});

const MALFORMED: readonly unknown[] = [
  undefined,
  null,
  "text",
  [],
  { digest: 5 },
  { digest: EMPTY_DIGEST, mediaType: 5 },
  { digest: EMPTY_DIGEST, size: "5" },
  { digest: EMPTY_DIGEST, size: -1 },
  { digest: EMPTY_DIGEST, size: 1.5 },
  { digest: EMPTY_DIGEST, size: 1e300 },
  { digest: EMPTY_DIGEST, urls: "https://example.com" },
  { digest: EMPTY_DIGEST, urls: [1] },
  { digest: EMPTY_DIGEST, annotations: { a: 1 } },
  { digest: EMPTY_DIGEST, data: {} },
  { digest: EMPTY_DIGEST, platform: "linux" },
  { digest: EMPTY_DIGEST, platform: { os: 1 } },
  { digest: EMPTY_DIGEST, artifactType: true },
  { digest: EMPTY_DIGEST, Digest: EMPTY_DIGEST },
  { Digest: EMPTY_DIGEST },
];

Deno.test("parseDescriptor refuses fields of the wrong shape", () => {
  for (const value of MALFORMED) {
    const error = refusal(value);
    assertEquals([value, error.code, error.bad], [value, "malformed", undefined]);
  }
});

Deno.test("parseDescriptor tells bad digests with the reason", () => {
  const cases = [
    [{}, "", "invalid_format"],
    [{ digest: "sha256:abc" }, "sha256:abc", "invalid_length"],
    [{ digest: "md5:00" }, "md5:00", "unsupported_algorithm"],
    [{ digest: "x".repeat(1_000) }, "x".repeat(SHOWN_LENGTH), "invalid_format"],
  ] as const;
  for (const [value, digest, reason] of cases) {
    const error = refusal(value);
    assertEquals(error.code, "bad_digest");
    assertEquals(error.bad, { digest, reason });
    assert(error.message.length < 2 * SHOWN_LENGTH);
  }
});

Deno.test("parseDescriptor leaves prototypes alone", () => {
  const text = `{"__proto__":{"size":1},"constructor":2,"digest":"${EMPTY_DIGEST}",
    "annotations":{"__proto__":"a"}}`;
  const descriptor = parseDescriptor(JSON.parse(text));
  assertEquals(descriptor.size, undefined);
  assertEquals(Object.keys(descriptor.annotations ?? {}), ["__proto__"]);
  assertEquals(({} as { size?: number }).size, undefined);
});

Deno.test("parseDescriptor answers any JSON with a descriptor or its error", () => {
  const field = fc.constantFrom("digest", "size", "urls", "platform", "annotations", "mediaType");
  const near = fc.dictionary(field, fc.oneof(fc.jsonValue(), fc.constant(EMPTY_DIGEST)));
  fc.assert(fc.property(fc.oneof(near, fc.jsonValue()), (value) => {
    try {
      assert(isDigest(parseDescriptor(value).digest));
    } catch (error) {
      assert(error instanceof DescriptorError, String(error));
    }
  }));
});
