import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { type Attack, register, withstand } from "./_attacks.ts";
import { OCI_CONFIG, OCI_INDEX, OCI_LAYER, OCI_MANIFEST, TestRegistry } from "./_registry.ts";

const DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json";
const HEX = "0123456789abcdef".repeat(4);
const UNKNOWN = digestBytes(toBytes("unknown"));

const NAME_404 = { status: 404, codes: ["NAME_INVALID"] };
const NAME_400 = { status: 400, codes: ["NAME_INVALID"] };

register(
  "names of every wrong shape",
  ([
    ["FOO", NAME_404],
    ["foo..bar", NAME_404],
    ["foo___bar", NAME_404],
    ["-foo", NAME_404],
    ["foo-", NAME_404],
    ["_foo", NAME_404],
    ["foo%20bar", NAME_404],
    ["foo%00", NAME_404],
    ["foo%0a", NAME_404],
    ["%00", NAME_404],
    ["f%C3%B6%C3%B6", NAME_404],
    ["%E2%80%AEoof", NAME_404],
    ["foo%2F..%2F..%2F..%2Fetc", NAME_404],
    ["..%2F..%2Fetc", NAME_404],
    ["%2Fetc%2Fpasswd", NAME_404],
    ["foo%5C..%5Cbar", NAME_404],
    ["foo%2F%2Fbar", NAME_404],
    ["foo%2F", NAME_404],
    ["foo/_manifests", NAME_404],
    ["foo%3Fa=b", NAME_404],
    ["localhost:5000/foo", NAME_400],
    ["%zz", NAME_400],
    ["%", NAME_400],
    ["%FF%FE", NAME_400],
    ["a".repeat(256), NAME_400],
    ["a/".repeat(200) + "a", NAME_400],
    ["A".repeat(65_536), NAME_400],
    ["a".repeat(65_536), NAME_400],
    ["a/".repeat(32_768) + "a", NAME_400],
    ["%2F".repeat(20_000), NAME_400],
  ] as const).flatMap(([name, expected]) => [
    { path: `/v2/${name}/tags/list`, ...expected },
    { method: "PUT", path: `/v2/${name}/manifests/v1`, ...expected },
    { method: "POST", path: `/v2/${name}/blobs/uploads/`, ...expected },
  ]),
);

register(
  "paths that lead back",
  [
    { path: "/v2/../../etc/passwd", status: 301 },
    { path: "/v2/foo/../../../../etc/passwd", status: 301 },
    { path: "/v2/foo/manifests/../../_catalog", status: 301 },
    { path: "/v2/foo/manifests/%2e%2e/%2e%2e/_catalog", status: 301 },
    { path: `/v2/${"../".repeat(20_000)}`, status: 301 },
    { path: `/v2/${"a/../".repeat(12_000)}foo/tags/list`, status: 301 },
    { path: `/v2/${"%2e%2e%2f".repeat(7_000)}/tags/list`, status: 301 },
    { path: "/v2/foo/manifests/..%2f..%2f..%2fx", status: 404 },
    { path: "/v2/foo/blobs/..%2f..%2fdata", status: 404 },
    { path: "/v2/foo/blobs/uploads/..%2f..%2fdata", status: 404 },
    { path: "/v2/foo/blobs/uploads/%2e%2e", status: 301 },
  ].map(({ path, status }) => ({
    path,
    // As a server hands it on: `Request` would lead back by itself.
    send: { rawUrl: `http://registry.test${path}` },
    status,
  })),
);

const DIGEST_400 = { status: 400, codes: ["DIGEST_INVALID"] };

register(
  "digests of every wrong shape",
  ([
    "nonsense",
    "sha256",
    "sha256:",
    ":",
    `:${HEX}`,
    "sha256:00",
    `sha256:${HEX}0`,
    `sha256:${HEX.slice(1)}`,
    `sha256:${HEX.toUpperCase()}`,
    `sha256:${"g".repeat(64)}`,
    `SHA256:${HEX}`,
    `sha256:${HEX}%0a`,
    `sha256:${HEX}%00`,
    `sha256:%00${HEX}`,
    `sha512:${HEX}`,
    `md5:${HEX}`,
    `sha1:${HEX.slice(24)}`,
    `sha256:${HEX}:${HEX}`,
    `sha256%2b:${HEX}`,
    `constructor:${HEX}`,
    `__proto__:${HEX}`,
    "%E4%BD%A0",
    `sha256:${"0".repeat(60_000)}`,
  ] as const).flatMap((digest): Attack[] => [
    { path: `/v2/foo/blobs/${digest}`, ...DIGEST_400 },
    { method: "DELETE", path: `/v2/foo/blobs/${digest}`, ...DIGEST_400 },
    { path: `/v2/foo/referrers/${digest}`, ...DIGEST_400 },
    { method: "POST", path: `/v2/foo/blobs/uploads/?digest=${digest}`, ...DIGEST_400 },
    // What cannot be mounted begins an ordinary upload.
    { method: "POST", path: `/v2/foo/blobs/uploads/?mount=${digest}&from=foo`, status: 202 },
  ]),
);

register(
  "references that are neither tag nor digest",
  [
    { path: "/v2/foo/manifests/-v1", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: "/v2/foo/manifests/v1%00", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: "/v2/foo/manifests/v1%0a", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: "/v2/foo/manifests/%C3%A9", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: `/v2/foo/manifests/${"a".repeat(129)}`, status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: `/v2/foo/manifests/${"a".repeat(65_536)}`, status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: "/v2/foo/manifests/sha256:abc", ...DIGEST_400 },
    { path: "/v2/foo/manifests/a:b", ...DIGEST_400 },
    { path: "/v2/foo/manifests/constructor", status: 404, codes: ["MANIFEST_UNKNOWN"] },
    { path: "/v2/foo/manifests/__proto__", status: 404, codes: ["MANIFEST_UNKNOWN"] },
  ].flatMap(({ path, ...expected }): Attack[] => [
    { path, ...expected },
    { method: "DELETE", path, ...expected },
  ]),
);

const BAD_PAGE = { status: 400, codes: ["PAGINATION_NUMBER_INVALID"] };

register(
  "page sizes",
  ["-1", "1e308", String(2n ** 63n), "9".repeat(5_000), "NaN", "0x10", "1.5", "%00", "%E0%A4%A9"]
    .flatMap((n): Attack[] => [
      { path: `/v2/foo/tags/list?n=${n}`, ...BAD_PAGE },
      { path: `/v2/_catalog?n=${n}`, ...BAD_PAGE },
      { path: `/v2/foo/referrers/${EMPTY_DIGEST}?n=${n}`, ...BAD_PAGE },
    ]),
);

register("page sizes and marks that mean something", [
  { path: "/v2/foo/tags/list?n=0", status: 200 },
  { path: "/v2/_catalog?n=0", status: 200 },
  { path: `/v2/foo/referrers/${EMPTY_DIGEST}?n=0`, status: 200 },
  { path: `/v2/foo/tags/list?n=${2n ** 63n - 1n}`, status: 200 },
  { path: `/v2/foo/referrers/${EMPTY_DIGEST}?n=${2n ** 63n - 1n}`, status: 200 },
  { path: `/v2/_catalog?n=${2n ** 63n - 1n}`, ...BAD_PAGE },
  { path: "/v2/_catalog?last=../../..", status: 200 },
  { path: `/v2/_catalog?last=${"a".repeat(60_000)}`, status: 200 },
  { path: "/v2/_catalog?last=%00%ff&n=1", status: 200 },
  { path: `/v2/foo/tags/list?last=${"%F0%9F%98%80".repeat(5_000)}`, status: 200 },
  { path: `/v2/foo/referrers/${EMPTY_DIGEST}?last=%00&artifactType=%00`, status: 200 },
]);

/** A descriptor as JSON. */
function descriptor(mediaType: string, digest: string): string {
  return `{"mediaType":"${mediaType}","digest":"${digest}","size":2}`;
}

/** An image whose parts are all missing. */
function image(fields = ""): string {
  const [config, layer] = [descriptor(OCI_CONFIG, UNKNOWN), descriptor(OCI_LAYER, UNKNOWN)];
  return `{"schemaVersion":2,"config":${config},"layers":[${layer}]${fields}}`;
}

const DEEP = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;

/** Body, its announced type, and what is said of it. */
const MANIFESTS: readonly (readonly [string, string | Uint8Array<ArrayBuffer>, string, string?])[] =
  [
    ["nothing", "", OCI_MANIFEST],
    ["half a document", '{"schemaVersion":2,', OCI_MANIFEST],
    ["null", "null", OCI_MANIFEST],
    ["a list", "[]", OCI_MANIFEST],
    ["a text", '"x"', OCI_MANIFEST],
    ["NUL bytes", new Uint8Array(1000), OCI_MANIFEST],
    ["no UTF-8", new Uint8Array([0x22, 0xff, 0xfe, 0x22]), OCI_MANIFEST],
    ["a byte order mark", `\ufeff${image()}`, OCI_MANIFEST],
    ["10,000 lists in each other", DEEP, OCI_MANIFEST],
    ["10,000 lists in a field", image(`,"x":${DEEP}`), OCI_MANIFEST],
    ["1,000,000 open objects", '{"a":'.repeat(500_000), OCI_MANIFEST],
    ["image and index", image(',"manifests":[]'), OCI_MANIFEST],
    ["index and image", image(',"manifests":[]'), OCI_INDEX],
    ["index with layers", '{"schemaVersion":2,"manifests":[],"layers":[]}', OCI_INDEX],
    ["image called index", image(`,"mediaType":"${OCI_INDEX}"`), OCI_MANIFEST],
    ["Docker's without a name", image(), DOCKER_MANIFEST],
    ["another name", image(`,"mediaType":"${OCI_MANIFEST}"`), DOCKER_MANIFEST],
    ["another case", image(',"Manifests":[]'), OCI_MANIFEST],
    ["type of anything", image(), "application/json"],
    ["no type", image(), ""],
    ["a type that is none", image(), "\u00e9/;;"],
    ["schema 1", '{"schemaVersion":1}', "application/vnd.docker.distribution.manifest.v1+json"],
    ["schema 3", '{"schemaVersion":3}', OCI_MANIFEST],
    ["schema as text", image().replace("2", '"2"'), OCI_MANIFEST],
    ["size below 0", image().replace('"size":2', '"size":-1'), OCI_MANIFEST],
    ["size 1e308", image().replace('"size":2', '"size":1e308'), OCI_MANIFEST],
    ["prototype as digest", image().replace(UNKNOWN, "__proto__"), OCI_MANIFEST],
    ["digest with ..", image().replace(UNKNOWN, "sha256:../../x"), OCI_MANIFEST],
    ["digest as number", image().replace(`"${UNKNOWN}"`, "5"), OCI_MANIFEST],
    ["missing blobs", image(), OCI_MANIFEST, "MANIFEST_BLOB_UNKNOWN"],
    [
      "a field called __proto__",
      image(',"__proto__":{"layers":[]}'),
      OCI_MANIFEST,
      "MANIFEST_BLOB_UNKNOWN",
    ],
  ];

register(
  "manifests",
  MANIFESTS.map(([name, body, type, code = "MANIFEST_INVALID"]) => ({
    name,
    method: "PUT",
    path: "/v2/foo/manifests/v2",
    send: {
      headers: type === "" ? {} : { "content-type": type },
      body: typeof body === "string" ? toBytes(body) : body,
    },
    status: 400,
    codes: [code],
  })),
);

Deno.test("createApi withstands manifests of more than 4 MiB, announced or not", async () => {
  const body = toBytes(image(`,"x":"${"y".repeat(4 * 1024 * 1024)}"`));
  const headers = { "content-type": OCI_MANIFEST };
  const stream = () => new Response(body).body ?? "";
  for (const send of [{ headers, body }, { headers, body: stream() }]) {
    const attack = { method: "PUT", path: "/v2/foo/manifests/v2", send };
    await withstand({ ...attack, status: 413, codes: ["MANIFEST_INVALID"] });
  }
});

Deno.test("createApi withstands a manifest of 40,000 layers that are not there", async () => {
  const layers = Array.from({ length: 40_000 }, (_, place) => {
    return `{"digest":"sha256:${String(place).padStart(64, "0")}"}`;
  });
  const body = toBytes(image().replace(/"layers":\[.*\]/, `"layers":[${layers}]`));
  const registry = new TestRegistry();

  const answer = await registry.putManifest("foo", "v1", body);
  const { errors } = await answer.json();

  assertEquals(answer.status, 400);
  assertEquals(errors.length, 1000);
});

register(
  "tags in the query",
  ["", "-a", "a%20b", "a/b", "..", "%00", "a%0d%0aSet-Cookie:b", "a".repeat(129), UNKNOWN].map((
    tag,
  ) => ({
    method: "PUT",
    path: `/v2/foo/manifests/v2?tag=ok&tag=${tag}`,
    send: { headers: { "content-type": OCI_MANIFEST }, body: toBytes(image()) },
    status: 400,
    codes: ["TAG_INVALID"],
  })),
);
