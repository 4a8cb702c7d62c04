import { assertEquals, assertStrictEquals } from "@std/assert";
import { ApiError } from "../../src/api/api_error.ts";
import { toApiError } from "../../src/api/error_mapping.ts";
import { IdleError } from "../../src/base/read_pieces.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { ManifestError } from "../../src/oci/manifest.ts";
import { type ManifestProblem, StoreError } from "../../src/storage/errors.ts";

/** What is thrown, and the status and entries that the client sees. */
const ROWS: readonly (readonly [string, unknown, number, readonly unknown[]])[] = [
  [
    "blob_unknown",
    new StoreError("blob_unknown", { digest: EMPTY_DIGEST }),
    404,
    [{ code: "BLOB_UNKNOWN", detail: EMPTY_DIGEST }],
  ],
  [
    "manifest_unknown",
    new StoreError("manifest_unknown", { repository: "foo", digest: EMPTY_DIGEST }),
    404,
    [{
      code: "MANIFEST_UNKNOWN",
      detail: `unknown manifest name=foo revision=${EMPTY_DIGEST}`,
    }],
  ],
  [
    "tag_unknown",
    new StoreError("tag_unknown", { repository: "foo", tag: "v1" }),
    404,
    [{ code: "MANIFEST_UNKNOWN", detail: "unknown tag=v1" }],
  ],
  [
    "repository_unknown",
    new StoreError("repository_unknown", { repository: "foo" }),
    404,
    [{ code: "NAME_UNKNOWN", detail: { name: "foo" } }],
  ],
  [
    "upload_unknown",
    new StoreError("upload_unknown", { id: "id" }),
    404,
    [{ code: "BLOB_UPLOAD_UNKNOWN", detail: "blob upload unknown" }],
  ],
  [
    "digest_mismatch",
    new StoreError("digest_mismatch", { expected: EMPTY_DIGEST }),
    400,
    [{
      code: "DIGEST_INVALID",
      detail: `invalid digest for referenced layer: ${EMPTY_DIGEST}, content does not match digest`,
    }],
  ],
  [
    "range_mismatch",
    new StoreError("range_mismatch", { sizeBytes: 5 }),
    416,
    [{ code: "RANGE_INVALID", detail: "the upload stands at 5 bytes" }],
  ],
  [
    "size_mismatch",
    new StoreError("size_mismatch", { expectedBytes: 5, receivedBytes: 4 }),
    400,
    [{ code: "SIZE_INVALID", detail: { expectedBytes: 5, receivedBytes: 4 } }],
  ],
  [
    "upload_interrupted by the client",
    new StoreError("upload_interrupted", {}, { cause: new Error("reset") }),
    499,
    [{ code: "BLOB_UPLOAD_INVALID", detail: "the body ended before it was complete" }],
  ],
  [
    "upload_interrupted by silence",
    new StoreError("upload_interrupted", {}, { cause: new IdleError(1000) }),
    408,
    [{ code: "BLOB_UPLOAD_INVALID", detail: "the body ended before it was complete" }],
  ],
  [
    "manifest_rejected for no reason",
    new StoreError("manifest_rejected", { problems: [] }),
    400,
    [{ code: "MANIFEST_INVALID" }],
  ],
  ["delete_disabled", new StoreError("delete_disabled", {}), 405, [{
    code: "UNSUPPORTED",
    message: "this registry is configured to delete nothing",
  }]],
  ["pull_through_only", new StoreError("pull_through_only", { repository: "app" }), 405, [{
    code: "UNSUPPORTED",
    message: "this repository mirrors another registry: push there",
  }]],
  [
    "content_damaged",
    new StoreError("content_damaged", { digest: EMPTY_DIGEST }),
    500,
    [{ code: "UNKNOWN", detail: `stored content is damaged: ${EMPTY_DIGEST}` }],
  ],
  [
    "storage_full",
    new DriverError("no_space", { driver: "double", path: "/a" }),
    507,
    [{ code: "UNKNOWN", message: "the storage is full: nothing was stored" }],
  ],
  [
    "storage_failed",
    new DriverError("unavailable", { driver: "double", cause: "no network" }),
    500,
    [{ code: "UNKNOWN", detail: "double: no network" }],
  ],
  [
    "a manifest that cannot be read",
    new ManifestError("malformed", "it is not JSON"),
    400,
    [{ code: "MANIFEST_INVALID", detail: "it is not JSON" }],
  ],
  [
    "a manifest with bad digests",
    new ManifestError("bad_descriptors", "bad digests", {
      badDigests: [{ digest: "sha256:", reason: "invalid_format" }],
    }),
    400,
    [{
      code: "MANIFEST_INVALID",
      detail: {
        message: "bad digests",
        digests: [{ digest: "sha256:", reason: "invalid_format" }],
      },
    }],
  ],
  ["a bug", new TypeError("x is not a function"), 500, [{ code: "UNKNOWN" }]],
  ["what is no error", "text", 500, [{ code: "UNKNOWN" }]],
  ["nothing", undefined, 500, [{ code: "UNKNOWN" }]],
];

for (const [name, thrown, status, entries] of ROWS) {
  Deno.test(`toApiError tells the client: ${name}`, () => {
    const error = toApiError(thrown);

    assertEquals(error.status, status);
    assertEquals<unknown>(error.entries, entries);
  });
}

Deno.test("toApiError leaves an answer that is one already", () => {
  const error = new ApiError({ code: "DENIED" });

  assertStrictEquals(toApiError(error), error);
});

Deno.test("toApiError gives each problem of a manifest an entry of its own", () => {
  const problems: ManifestProblem[] = [
    { code: "content_unknown", digest: EMPTY_DIGEST },
    { code: "url_refused", digest: EMPTY_DIGEST, reason: '"x" is not a URL' },
    { code: "class_refused", reason: "registry does not allow plugin manifest" },
  ];
  const errors = problems.map((problem) => {
    return toApiError(new StoreError("manifest_rejected", { problems: [problem] }));
  });
  const all = toApiError(new StoreError("manifest_rejected", { problems }));

  assertEquals(errors.map(({ status }) => status), [400, 400, 403]);
  assertEquals<unknown>(all.entries, [
    { code: "MANIFEST_BLOB_UNKNOWN", detail: EMPTY_DIGEST },
    { code: "MANIFEST_INVALID", detail: `${EMPTY_DIGEST}: "x" is not a URL` },
    { code: "DENIED", message: "registry does not allow plugin manifest" },
  ]);
  assertEquals(all.status, 400);
});

Deno.test("toApiError keeps for the log what the client is not told", () => {
  const bug = new TypeError("x is not a function");
  const failure = new DriverError("unavailable", { driver: "double", cause: "no network" });

  assertStrictEquals(toApiError(bug).cause, bug);
  assertStrictEquals(toApiError(failure).cause, failure);
  assertEquals(JSON.stringify(toApiError(bug).entries).includes("function"), false);
});
