import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { toBytes } from "../../src/base/bytes.ts";
import { type Digest, EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import {
  type Manifest,
  ManifestError,
  type ManifestErrorCode,
  MAX_BAD_DIGESTS,
  MAX_DEPTH,
  parseManifest,
  readManifest,
} from "../../src/oci/manifest.ts";
import {
  DOCKER_LIST,
  DOCKER_MANIFEST,
  OCI_IMAGE_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  SCHEMA1_MANIFEST,
  SCHEMA1_SIGNED_MANIFEST,
} from "../../src/oci/media_types.ts";

type Document = Record<string, unknown>;

const OTHER_DIGEST = digestBytes(toBytes("other"));
const CONFIG = { mediaType: OCI_IMAGE_CONFIG, digest: EMPTY_DIGEST, size: 0 };
const LAYER = { mediaType: "application/vnd.oci.image.layer.v1.tar", digest: OTHER_DIGEST };
const IMAGE: Document = { schemaVersion: 2, config: CONFIG, layers: [LAYER] };
const INDEX: Document = { schemaVersion: 2, manifests: [{ ...CONFIG, mediaType: OCI_MANIFEST }] };

function encode(document: unknown): Uint8Array {
  return toBytes(JSON.stringify(document));
}

function parse(document: unknown, contentType: string): Manifest {
  return parseManifest(encode(document), contentType);
}

function refusal(bytes: Uint8Array, contentType: string): ManifestError {
  return assertThrows(() => parseManifest(bytes, contentType), ManifestError);
}

function assertRefused(document: unknown, contentType: string, code: ManifestErrorCode): void {
  assertEquals([document, refusal(encode(document), contentType).code], [document, code]);
}

function digestsOf(manifest: Manifest): readonly Digest[] {
  const { config, layers, manifests, subject } = manifest;
  return [config, ...layers, ...manifests, subject].flatMap((part) => part?.digest ?? []);
}

Deno.test("parseManifest reads an OCI image with and without mediaType", () => {
  const expected = {
    mediaType: OCI_MANIFEST,
    kind: "image",
    config: CONFIG,
    layers: [LAYER],
    manifests: [],
    artifactType: OCI_IMAGE_CONFIG,
  } as const;
  assertEquals(parse(IMAGE, OCI_MANIFEST), expected);
  assertEquals(parse({ ...IMAGE, mediaType: "" }, OCI_MANIFEST), expected);
  assertEquals(parse({ ...IMAGE, mediaType: OCI_MANIFEST }, `${OCI_MANIFEST}; v=1`), expected);
});

Deno.test("parseManifest reads an OCI index with and without mediaType", () => {
  const expected = {
    mediaType: OCI_INDEX,
    kind: "index",
    layers: [],
    manifests: [{ ...CONFIG, mediaType: OCI_MANIFEST }],
  } as const;
  assertEquals(parse(INDEX, OCI_INDEX), expected);
  assertEquals(parse({ ...INDEX, mediaType: OCI_INDEX }, OCI_INDEX), expected);
});

Deno.test("parseManifest reads Docker's types, which must name themselves", () => {
  assertEquals(parse({ ...IMAGE, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST).kind, "image");
  assertEquals(parse({ ...INDEX, mediaType: DOCKER_LIST }, DOCKER_LIST).kind, "index");
  assertRefused(IMAGE, DOCKER_MANIFEST, "media_type_mismatch");
  assertRefused(INDEX, DOCKER_LIST, "media_type_mismatch");
});

Deno.test("parseManifest takes children of any type, as build caches have them", () => {
  const layer = { ...LAYER, annotations: { "buildkit/createdat": "now" } };
  const { manifests } = parse({ ...INDEX, manifests: [layer, CONFIG] }, OCI_INDEX);
  assertEquals(manifests, [layer, CONFIG]);
});

Deno.test("parseManifest takes images and indexes of nothing", () => {
  const { layers: _, ...bare } = IMAGE;
  for (const document of [{ ...IMAGE, layers: [] }, { ...IMAGE, layers: null }, bare]) {
    assertEquals(parse(document, OCI_MANIFEST).layers, []);
  }
  assertEquals(parse({ ...INDEX, manifests: [] }, OCI_INDEX).manifests, []);
  const unlisted = { schemaVersion: 2, mediaType: OCI_INDEX, manifests: null };
  assertEquals(parse(unlisted, OCI_INDEX).manifests, []);
});

Deno.test("parseManifest gives subject, annotations and the effective artifact type", () => {
  const subject = { ...CONFIG, mediaType: OCI_MANIFEST };
  const annotations = { a: "b" };
  const said = { subject, annotations, artifactType: "application/example" };
  for (
    const manifest of [
      parse({ ...IMAGE, ...said }, OCI_MANIFEST),
      parse({ ...INDEX, ...said }, OCI_INDEX),
    ]
  ) {
    assertEquals(manifest.subject, subject);
    assertEquals(manifest.annotations, annotations);
    assertEquals(manifest.artifactType, "application/example");
  }
  const config = { digest: EMPTY_DIGEST };
  assertEquals(parse({ ...IMAGE, config }, OCI_MANIFEST).artifactType, undefined);
  assertEquals(parse({ ...IMAGE, artifactType: "" }, OCI_MANIFEST).artifactType, OCI_IMAGE_CONFIG);
  assertEquals(parse({ ...INDEX, config: null }, OCI_INDEX).artifactType, undefined);
});

Deno.test("parseManifest refuses types that are not pushed", () => {
  const types = ["", "json", "application/json", SCHEMA1_MANIFEST, OCI_IMAGE_CONFIG, "__proto__"];
  for (const contentType of types) {
    const error = refusal(encode(IMAGE), contentType);
    assertEquals(error.code, "unsupported_media_type");
    const words = `unsupported manifest media type and no default available: ${contentType}`;
    assertEquals(error.message, words);
  }
});

Deno.test("parseManifest refuses a mediaType that is not the announced one", () => {
  assertRefused({ ...IMAGE, mediaType: DOCKER_MANIFEST }, OCI_MANIFEST, "media_type_mismatch");
  assertRefused({ ...IMAGE, mediaType: OCI_INDEX }, OCI_MANIFEST, "media_type_mismatch");
  assertRefused({ ...INDEX, mediaType: OCI_MANIFEST }, OCI_INDEX, "media_type_mismatch");
  assertRefused({ ...IMAGE, mediaType: 5 }, OCI_MANIFEST, "media_type_mismatch");
});

Deno.test("parseManifest refuses a document that is image and index at once", () => {
  const both = { ...IMAGE, ...INDEX };
  for (const mediaType of [OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, DOCKER_LIST]) {
    assertRefused({ ...both, mediaType }, mediaType, "mixed_fields");
  }
  assertRefused(both, OCI_MANIFEST, "mixed_fields");
  assertRefused(both, OCI_INDEX, "mixed_fields");
  assertRefused({ ...IMAGE, manifests: [] }, OCI_MANIFEST, "mixed_fields");
  assertRefused({ ...INDEX, config: {} }, OCI_INDEX, "mixed_fields");
  assertRefused({ ...INDEX, layers: false }, OCI_INDEX, "mixed_fields");
});

Deno.test("parseManifest refuses names that only some readers see", () => {
  assertRefused({ ...INDEX, Layers: [] }, OCI_INDEX, "malformed");
  assertRefused({ ...IMAGE, MediaType: OCI_INDEX }, OCI_MANIFEST, "malformed");
  assertRefused({ ...IMAGE, "manife\u017fts": [] }, OCI_MANIFEST, "malformed");
});

Deno.test("parseManifest refuses an index that would be read back as an image", () => {
  assertRefused({ schemaVersion: 2 }, OCI_INDEX, "malformed");
  assertRefused({ schemaVersion: 2, manifests: null }, OCI_INDEX, "malformed");
});

Deno.test("parseManifest refuses other schema versions", () => {
  for (const schemaVersion of [undefined, null, 1, 3, "2", {}]) {
    assertRefused({ ...IMAGE, schemaVersion }, OCI_MANIFEST, "schema_version");
  }
  const { message } = refusal(encode({ ...IMAGE, schemaVersion: 7 }), OCI_MANIFEST);
  assertEquals(message, "unrecognized manifest schema version 7");
});

Deno.test("parseManifest refuses fields of the wrong shape", () => {
  const { config: _, ...unconfigured } = IMAGE;
  const documents = [
    unconfigured,
    { ...IMAGE, config: null },
    { ...IMAGE, config: [] },
    { ...IMAGE, layers: {} },
    { ...IMAGE, layers: [null] },
    { ...IMAGE, layers: [{ ...LAYER, size: "1" }] },
    { ...IMAGE, subject: "sha256:abc" },
    { ...IMAGE, artifactType: 5 },
    { ...IMAGE, annotations: ["a"] },
  ];
  for (const document of documents) assertRefused(document, OCI_MANIFEST, "malformed");
  assertRefused({ ...INDEX, manifests: "all" }, OCI_INDEX, "malformed");
  const { message } = refusal(encode({ ...IMAGE, layers: [LAYER, 5] }), OCI_MANIFEST);
  assertStringIncludes(message, "layers[1]");
});

Deno.test("parseManifest lists bad digests, all parts together", () => {
  const document = {
    ...IMAGE,
    config: { digest: "" },
    layers: [LAYER, { digest: "sha256:abc" }, { digest: "md5:00" }],
    subject: { digest: "x" },
  };
  const error = refusal(encode(document), OCI_MANIFEST);
  assertEquals(error.code, "bad_descriptors");
  assertEquals(error.badDigests, [
    { digest: "", reason: "invalid_format" },
    { digest: "sha256:abc", reason: "invalid_length" },
    { digest: "md5:00", reason: "unsupported_algorithm" },
    { digest: "x", reason: "invalid_format" },
  ]);
});

Deno.test("parseManifest lists a bounded number of bad digests", () => {
  const layers = Array.from({ length: 50_000 }, () => ({ digest: "x".repeat(50) }));
  const error = refusal(encode({ ...IMAGE, layers }), OCI_MANIFEST);
  assertEquals(error.badDigests.length, MAX_BAD_DIGESTS);
});

Deno.test("parseManifest refuses what is not a JSON object in UTF-8", () => {
  const texts = ["", " ", "null", "[]", "5", '"a"', "{", "{}{}", "{'a':1}", "\ufeff{}", "{\0}"];
  for (const text of texts) assertEquals(refusal(toBytes(text), OCI_MANIFEST).code, "malformed");
  const latin1 = encode({ ...IMAGE, annotations: { a: "?" } });
  latin1[latin1.lastIndexOf("?".charCodeAt(0))] = 0xe9;
  assertEquals(refusal(latin1, OCI_MANIFEST).code, "malformed");
});

/** A valid image with `levels` of nesting in a field that nobody knows. */
function nested(levels: number, brackets: readonly [string, string]): Uint8Array {
  const text = JSON.stringify(IMAGE).slice(0, -1);
  const inner = levels - 1;
  return toBytes(`${text},"x":${brackets[0].repeat(inner)}0${brackets[1].repeat(inner)}}`);
}

for (const brackets of [["[", "]"], ['{"a":', "}"]] as const) {
  Deno.test(`parseManifest refuses deep nesting of ${brackets.join("")}`, () => {
    assertEquals(parseManifest(nested(MAX_DEPTH, brackets), OCI_MANIFEST).layers, [LAYER]);
    for (const levels of [MAX_DEPTH + 1, 10_000, 600_000]) {
      assertEquals(refusal(nested(levels, brackets), OCI_MANIFEST).code, "malformed");
    }
    const unclosed = toBytes(brackets[0].repeat(600_000));
    assertEquals(refusal(unclosed, OCI_MANIFEST).code, "malformed");
  });

  Deno.test(`readManifest reads deep nesting of ${brackets.join("")}`, () => {
    assertEquals(readManifest(nested(600_000, brackets)).layers, [LAYER]);
  });
}

Deno.test("parseManifest leaves prototypes alone", () => {
  const text = JSON.stringify(IMAGE).slice(0, -1);
  const manifest = parseManifest(
    toBytes(`${text},"__proto__":{"subject":5},"constructor":1,"annotations":{"__proto__":"a"}}`),
    OCI_MANIFEST,
  );
  assertEquals(manifest.subject, undefined);
  assertEquals(JSON.stringify(manifest.annotations), '{"__proto__":"a"}');
  assertEquals(({} as Document).subject, undefined);
});

Deno.test("parseManifest counts the last of equal names", () => {
  const text = JSON.stringify({ ...IMAGE, layers: [] }).slice(0, -1);
  const bytes = toBytes(`${text},"layers":${JSON.stringify([LAYER])}}`);
  assertEquals(parseManifest(bytes, OCI_MANIFEST).layers, [LAYER]);
});

Deno.test("readManifest tells the type from the body", () => {
  const cases = [
    [IMAGE, OCI_MANIFEST],
    [INDEX, OCI_INDEX],
    [{}, OCI_MANIFEST],
    [{ manifests: [] }, OCI_INDEX],
    [{ ...IMAGE, manifests: null }, OCI_MANIFEST],
    [{ ...IMAGE, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST],
    [{ ...INDEX, mediaType: DOCKER_LIST }, DOCKER_LIST],
    // Old servers took these; their type is what they name.
    [{ ...IMAGE, ...INDEX, mediaType: DOCKER_MANIFEST }, DOCKER_MANIFEST],
  ] as const;
  for (const [document, mediaType] of cases) {
    assertEquals(readManifest(encode(document)).mediaType, mediaType);
  }
});

Deno.test("readManifest recognises schema 1 and its layers", () => {
  const document = {
    schemaVersion: 1,
    name: "library/old",
    fsLayers: [{ blobSum: EMPTY_DIGEST }, { blobSum: OTHER_DIGEST }, { blobSum: "x" }, null],
  };
  const manifest = readManifest(encode(document));
  assertEquals([manifest.mediaType, manifest.kind], [SCHEMA1_MANIFEST, "schema1"]);
  assertEquals(digestsOf(manifest), [EMPTY_DIGEST, OTHER_DIGEST]);
  const signed = readManifest(encode({ ...document, signatures: [{}] }));
  assertEquals(signed.mediaType, SCHEMA1_SIGNED_MANIFEST);
  assertEquals(readManifest(encode({ schemaVersion: 1, fsLayers: 5 })).layers, []);
});

Deno.test("readManifest leaves out parts that cannot be read", () => {
  const document = {
    config: 5,
    layers: [LAYER, null, { digest: "md5:00" }, { digest: OTHER_DIGEST, size: "1" }],
    subject: [],
    artifactType: 5,
    annotations: 5,
  };
  const expected: unknown = {
    mediaType: OCI_MANIFEST,
    kind: "image",
    layers: [LAYER],
    manifests: [],
  };
  assertEquals(readManifest(encode(document)), expected);
  assertEquals(readManifest(encode({ layers: 5 })).layers, []);
});

Deno.test("readManifest refuses what cannot be said to be anything", () => {
  const cases: readonly (readonly [string, ManifestErrorCode])[] = [
    ["", "malformed"],
    ["[]", "malformed"],
    ['{"mediaType":"application/json"}', "unsupported_media_type"],
    ['{"mediaType":5}', "unsupported_media_type"],
    [JSON.stringify({ ...IMAGE, ...INDEX }), "mixed_fields"],
  ];
  for (const [text, code] of cases) {
    const error: ManifestError = assertThrows(() => readManifest(toBytes(text)), ManifestError);
    assertEquals([text, error.code], [text, code]);
  }
});

const ANY_TYPE = fc.constantFrom(OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST);
const ANY_DESCRIPTOR = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(CONFIG, LAYER) },
  fc.jsonValue({ maxDepth: 2 }),
);
const ANY_LIST = fc.oneof(fc.array(ANY_DESCRIPTOR, { maxLength: 3 }), fc.constant(null));
/** Documents that are nearly manifests. */
const ANY_DOCUMENT = fc.record({
  schemaVersion: fc.oneof({ weight: 8, arbitrary: fc.constant(2) }, fc.jsonValue()),
  mediaType: fc.oneof(ANY_TYPE, fc.constantFrom(undefined, null, "", SCHEMA1_MANIFEST)),
  config: ANY_DESCRIPTOR,
  layers: ANY_LIST,
  manifests: ANY_LIST,
  subject: ANY_DESCRIPTOR,
  artifactType: fc.oneof(fc.string(), fc.jsonValue()),
  annotations: fc.oneof(fc.dictionary(fc.string(), fc.string()), fc.jsonValue()),
}, { requiredKeys: ["schemaVersion"] });

/** Runs `read`; refusing is fine, anything else that is thrown is not. */
function attempt(read: () => Manifest): Manifest | undefined {
  try {
    return read();
  } catch (error) {
    assert(error instanceof ManifestError, String(error));
    return undefined;
  }
}

Deno.test("parseManifest takes nothing that readManifest sees in another way", () => {
  let taken = 0;
  fc.assert(
    fc.property(ANY_DOCUMENT, ANY_TYPE, (document, contentType) => {
      const bytes = encode(document);
      const read = attempt(() => readManifest(bytes));
      const parsed = attempt(() => parseManifest(bytes, contentType));
      if (parsed === undefined) return;
      taken += 1;
      assertEquals(parsed.mediaType, contentType);
      assertEquals(read, parsed);
    }),
    { numRuns: 2_000 },
  );
  assert(taken > 20, `only ${taken} documents were taken`);
});

Deno.test("parseManifest and readManifest answer any bytes with their error", () => {
  const whole = encode({ ...IMAGE, mediaType: OCI_MANIFEST });
  const damaged = fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 4 }))
    .map(([at, bytes]) => Uint8Array.of(...whole.slice(0, at), ...bytes, ...whole.slice(at + 1)));
  fc.assert(fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
    attempt(() => readManifest(bytes));
    attempt(() => parseManifest(bytes, OCI_MANIFEST));
  }));
});
