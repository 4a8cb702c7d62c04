import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  DOCKER_FOREIGN_LAYER,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  isDockerForeignLayer,
  isDockerManifest,
  isManifestType,
  isNonDistributableLayer,
  isPushableType,
  type ManifestKind,
  manifestKind,
  type ManifestMediaType,
  OCI_IMAGE_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
  parseMediaType,
  SCHEMA1_MANIFEST,
  SCHEMA1_SIGNED_MANIFEST,
} from "../../src/oci/media_types.ts";

const KINDS: readonly (readonly [ManifestMediaType, ManifestKind])[] = [
  [OCI_MANIFEST, "image"],
  [DOCKER_MANIFEST, "image"],
  [OCI_INDEX, "index"],
  [DOCKER_LIST, "index"],
  [SCHEMA1_MANIFEST, "schema1"],
  [SCHEMA1_SIGNED_MANIFEST, "schema1"],
];

Deno.test("manifestKind knows all types that are stored", () => {
  for (const [mediaType, kind] of KINDS) {
    assert(isManifestType(mediaType));
    assertEquals(manifestKind(mediaType), kind);
  }
});

Deno.test("isPushableType refuses schema 1 and what is no manifest", () => {
  for (const [mediaType, kind] of KINDS) {
    assertEquals(isPushableType(mediaType), kind !== "schema1");
  }
  const others = ["", "application/json", OCI_IMAGE_CONFIG, "constructor", "__proto__"];
  for (const mediaType of others) {
    assert(!isManifestType(mediaType));
    assert(!isPushableType(mediaType));
  }
});

Deno.test("isDockerManifest tells Docker's types from OCI's", () => {
  assert(isDockerManifest(DOCKER_MANIFEST) && isDockerManifest(DOCKER_LIST));
  assert(!isDockerManifest(OCI_MANIFEST) && !isDockerManifest(OCI_INDEX));
});

Deno.test("isNonDistributableLayer and isDockerForeignLayer know their own layers only", () => {
  const base = "application/vnd.oci.image.layer.nondistributable.v1.tar";
  for (const mediaType of [base, `${base}+gzip`, `${base}+zstd`]) {
    assert(isNonDistributableLayer(mediaType));
    assert(!isDockerForeignLayer(mediaType));
  }
  assert(isDockerForeignLayer(DOCKER_FOREIGN_LAYER));
  for (const mediaType of [DOCKER_FOREIGN_LAYER, "application/vnd.oci.image.layer.v1.tar", ""]) {
    assert(!isNonDistributableLayer(mediaType));
  }
});

Deno.test("parseMediaType leaves out parameters, blanks and case", () => {
  for (const header of [OCI_INDEX, ` ${OCI_INDEX} ; q=0.8`, OCI_INDEX.toUpperCase() + ";"]) {
    assertEquals(parseMediaType(header), OCI_INDEX);
  }
});

Deno.test("parseMediaType answers undefined for what is no media type", () => {
  for (const header of ["", "json", "/", "a/", "/b", "a/b/c", "a b/c", "a/b c", ";a/b", "a/é"]) {
    assertEquals([header, parseMediaType(header)], [header, undefined]);
  }
});

Deno.test("parseMediaType gives back what it gave, whatever it is asked", () => {
  fc.assert(fc.property(fc.string({ unit: fc.constantFrom(..."aZ/;. =+\té") }), (header) => {
    const mediaType = parseMediaType(header);
    if (mediaType !== undefined) assertEquals(parseMediaType(mediaType), mediaType);
  }));
});
