import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ApiError } from "../../src/api/api_error.ts";
import { isStorableName, matchRoute } from "../../src/api/route_match.ts";
import { ROUTES } from "../../src/api/routes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";

/** What becomes of a path, in one line. */
function found(path: string): string {
  try {
    const result = matchRoute(ROUTES, path);
    if (result === undefined) return "nothing";
    if ("redirect" in result) return `to /${result.redirect}`;
    const { route, repository, variable } = result;
    return [route.name, repository, variable].filter((part) => part !== "").join(" ");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return `${error.status} ${error.entries.map(({ code }) => code)}`;
  }
}

const HEX = "0123456789abcdef".repeat(4);
const LONG = "a".repeat(255);

/** Path behind `/v2`, and what becomes of it. */
const PATHS: readonly (readonly [string, string])[] = [
  ["/", "base"],
  ["/_catalog", "catalog"],
  ["/foo/tags/list", "tags foo"],
  ["/foo/bar/baz/tags/list", "tags foo/bar/baz"],
  ["/foo/manifests/v1.0", "manifest foo v1.0"],
  ["/foo/manifests/_X", "manifest foo _X"],
  [`/foo/manifests/sha256:${HEX}`, `manifest foo sha256:${HEX}`],
  [`/foo/blobs/sha256:${HEX}`, `blob foo sha256:${HEX}`],
  ["/foo/blobs/sha256:00", "blob foo sha256:00"],
  ["/foo/blobs/uploads/", "blob_upload foo"],
  ["/foo/blobs/uploads/0190-a", "blob_upload_chunk foo 0190-a"],
  ["/foo/blobs/uploads/QUJD-_.==", "blob_upload_chunk foo QUJD-_.=="],
  [`/foo/referrers/${EMPTY_DIGEST}`, `referrers foo ${EMPTY_DIGEST}`],
  // What two rows could take.
  ["/foo/bar/manifests/tags/list", "tags foo/bar/manifests"],
  ["/foo/bar/manifests/manifests/tags", "manifest foo/bar/manifests tags"],
  ["/tags/tags/list", "tags tags"],
  ["/manifests/manifests/manifests", "manifest manifests manifests"],
  ["/foo/blobs/uploads/tags/list", "tags foo/blobs/uploads"],
  ["/a/blobs/uploads/blobs/uploads/", "blob_upload a/blobs/uploads"],
  ["/_catalog/tags/list", "404 NAME_INVALID"],
  // What is nearly a route.
  ["", "to /"],
  ["/_catalog/", "to /_catalog"],
  ["/foo/tags/list/", "to /foo/tags/list"],
  ["/foo/manifests/v1/", "to /foo/manifests/v1"],
  ["/foo/blobs/uploads", "to /foo/blobs/uploads/"],
  ["/foo/blobs/uploads/id/", "to /foo/blobs/uploads/id"],
  [`/foo/blobs/${EMPTY_DIGEST}/`, `to /foo/blobs/${EMPTY_DIGEST}`],
  // What is none.
  ["/foo", "nothing"],
  ["/foo/", "nothing"],
  ["/foo/tags", "nothing"],
  ["/foo/tags/lists", "nothing"],
  ["/foo/tags/LIST", "nothing"],
  ["/tags/list", "nothing"],
  ["/manifests/v1", "nothing"],
  ["/blobs/uploads/", "nothing"],
  ["/foo/manifests/", "nothing"],
  ["/foo/blobs/", "nothing"],
  ["/foo/referrers/", "nothing"],
  ["/_Catalog", "nothing"],
  ["/foo/manifests/v1/x", "nothing"],
  // Names.
  ["/localhost:5000/foo/tags/list", "400 NAME_INVALID"],
  ["/example.com/Foo/tags/list", "404 NAME_INVALID"],
  ["/Example.com/foo/tags/list", "tags Example.com/foo"],
  ["/Foo/bar/tags/list", "tags Foo/bar"],
  ["/Foo/tags/list", "404 NAME_INVALID"],
  ["/foo//tags/list", "404 NAME_INVALID"],
  ["//foo/tags/list", "404 NAME_INVALID"],
  ["/../foo/tags/list", "404 NAME_INVALID"],
  ["/foo/../bar/tags/list", "404 NAME_INVALID"],
  ["/./tags/list", "404 NAME_INVALID"],
  ["/.foo/tags/list", "404 NAME_INVALID"],
  ["/foo./tags/list", "404 NAME_INVALID"],
  ["/foo/_uploads/tags/list", "404 NAME_INVALID"],
  ["/foo__bar/a---b/c.d_e/tags/list", "tags foo__bar/a---b/c.d_e"],
  ["/foo___bar/tags/list", "404 NAME_INVALID"],
  ["/foo..bar/tags/list", "404 NAME_INVALID"],
  ["/foo bar/tags/list", "404 NAME_INVALID"],
  ["/foo\u0000/tags/list", "404 NAME_INVALID"],
  ["/foo\n/tags/list", "404 NAME_INVALID"],
  ["/föö/tags/list", "404 NAME_INVALID"],
  ["/你好/tags/list", "404 NAME_INVALID"],
  ["/[::1]/foo/tags/list", "400 NAME_INVALID"],
  [`/${LONG}/tags/list`, `tags ${LONG}`],
  [`/${LONG}a/tags/list`, "400 NAME_INVALID"],
  [`/${"a/".repeat(127)}a/tags/list`, `tags ${"a/".repeat(127)}a`],
  [`/${"a/".repeat(128)}a/tags/list`, `tags ${"a/".repeat(128)}a`],
  [`/${"a/".repeat(129)}a/tags/list`, "400 NAME_INVALID"],
  [`/${LONG}/${LONG}/tags/list`, "400 NAME_INVALID"],
  [`/${"a".repeat(65_536)}/tags/list`, "400 NAME_INVALID"],
  [`/${"A".repeat(256)}/tags/list`, "400 NAME_INVALID"],
  [`/${"-".repeat(65_536)}/tags/list`, "400 NAME_INVALID"],
  // References.
  [`/foo/manifests/${"a".repeat(128)}`, `manifest foo ${"a".repeat(128)}`],
  [`/foo/manifests/${"a".repeat(129)}`, "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/-v1", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/.", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/..", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/v 1", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/v1\n", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/v1\u0000", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/vé", "404 MANIFEST_UNKNOWN"],
  ["/foo/manifests/sha256:00", "400 DIGEST_INVALID"],
  [`/foo/manifests/sha256:${HEX.toUpperCase()}`, "400 DIGEST_INVALID"],
  [`/foo/manifests/md5:${HEX}`, "400 DIGEST_INVALID"],
  ["/foo/manifests/a:b", "400 DIGEST_INVALID"],
  // Ids of uploads.
  ["/foo/blobs/uploads/a$b", "404 BLOB_UPLOAD_UNKNOWN"],
  ["/foo/blobs/uploads/a+b", "404 BLOB_UPLOAD_UNKNOWN"],
  ["/foo/blobs/uploads/a b", "404 BLOB_UPLOAD_UNKNOWN"],
  ["/foo/blobs/uploads/é", "404 BLOB_UPLOAD_UNKNOWN"],
];

for (const [path, expected] of PATHS) {
  const shown = path.length > 80 ? `${path.slice(0, 40)}… of ${path.length} characters` : path;
  Deno.test(`matchRoute leads ${JSON.stringify(shown)} to ${expected.slice(0, 40)}`, () => {
    assertEquals(found(path), expected);
  });
}

Deno.test("matchRoute repeats no more of a tag than may be useful", () => {
  const path = `/foo/manifests/${"-".repeat(10_000)}`;

  const error = assertThrows(() => matchRoute(ROUTES, path), ApiError);

  assert(JSON.stringify(error.entries).length < 500);
});

/** Paths that look like routes, or nearly. */
const ANY_PATH = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(
    fc.oneof(
      fc.constantFrom(
        ...["", ".", "..", "tags", "list", "manifests", "blobs", "uploads", "referrers", "foo"],
        ...["_catalog", "_uploads", "constructor", "__proto__", "sha256:00", EMPTY_DIGEST, "v1"],
      ),
      fc.string({ unit: "binary", maxLength: 8 }),
    ),
  ).map((segments) => segments.join("/")),
).map((text) => `/${text}`);

Deno.test("matchRoute throws nothing but an ApiError, and names nothing that leads elsewhere", () => {
  fc.assert(
    fc.property(ANY_PATH, (path) => {
      let result;
      try {
        result = matchRoute(ROUTES, path);
      } catch (error) {
        assert(error instanceof ApiError);
        return;
      }
      if (result === undefined || "redirect" in result) return;
      const { repository, variable } = result;
      assert(repository === "" || isStorableName(repository));
      for (const segment of repository.split("/")) assert(segment !== "." && segment !== "..");
      assert(variable === "" || !variable.includes("/"));
    }),
    { numRuns: 500 },
  );
});

Deno.test("matchRoute leads elsewhere at most once", () => {
  fc.assert(
    fc.property(ANY_PATH, (path) => {
      const first = found(path);
      if (first.startsWith("to ")) assertFalse(found(first.slice(3)).startsWith("to "));
    }),
    { numRuns: 500 },
  );
});

Deno.test("isStorableName takes names that every driver can hold", () => {
  for (const name of ["a", "a/b", "a.b-c__d/e", "example.com/a", LONG, `${"a".repeat(200)}/b`]) {
    assert(isStorableName(name), name);
  }
  for (const name of ["", "/", "a/", "/a", "a//b", "..", "a/..", "A", "a:1/b", "a\n", `${LONG}a`]) {
    assertFalse(isStorableName(name), name);
  }
});

Deno.test("isStorableName decides about long texts at once", () => {
  for (const part of ["a", "a-", "a.", "a_", "a/", "-", "A", "[::", "a:"]) {
    assertFalse(isStorableName(part.repeat(100_000)));
    isStorableName(part.repeat(250 / part.length));
  }
});
