import { assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import {
  errorCodes,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_LAYER,
  OCI_MANIFEST,
  TestRegistry,
} from "../_registry.ts";

const UNKNOWN = digestBytes(toBytes("unknown"));

Deno.test("putManifest stores exactly what came, and getManifest gives it back", async () => {
  const registry = new TestRegistry();
  const { config, layer } = await registry.pushImage("foo");
  // Odd spacing and unknown fields are content like everything else.
  const bytes = toBytes(
    `{ "schemaVersion":2,\n\t"config":{"mediaType":"${OCI_CONFIG}","digest":"${config}","size":2},` +
      `"layers":[{"mediaType":"${OCI_LAYER}","digest":"${layer}","size":7}],"x":{"y":[1]} }  `,
  );
  const digest = digestBytes(bytes);

  const put = await registry.putManifest("foo", "v1", bytes);

  assertEquals(put.status, 201);
  assertEquals(put.headers.get("location"), `http://registry.test/v2/foo/manifests/${digest}`);
  assertEquals(put.headers.get("docker-content-digest"), digest);
  for (const reference of ["v1", digest]) {
    const get = await registry.send("GET", `/v2/foo/manifests/${reference}`, {
      headers: { accept: "text/html", "accept-encoding": "gzip" },
    });
    const head = await registry.send("HEAD", `/v2/foo/manifests/${reference}`);
    assertEquals(new Uint8Array(await get.arrayBuffer()), bytes);
    assertEquals(head.body, null);
    for (const answer of [get, head]) {
      assertEquals(answer.status, 200);
      assertEquals(Object.fromEntries(answer.headers), {
        "content-length": String(bytes.byteLength),
        "content-type": OCI_MANIFEST,
        "docker-content-digest": digest,
        "docker-distribution-api-version": "registry/2.0",
        etag: `"${digest}"`,
      });
    }
  }
});

Deno.test("getManifest answers conditions, but not for what is not there", async () => {
  const registry = new TestRegistry();
  const { digest } = await registry.pushImage("foo", { reference: "v1" });
  const status = async (reference: string, tag: string) => {
    const headers = { "if-none-match": tag };
    return (await registry.send("GET", `/v2/foo/manifests/${reference}`, { headers })).status;
  };

  assertEquals(await status("v1", `"${digest}"`), 304);
  assertEquals(await status("v1", digest), 304);
  assertEquals(await status(digest, `"x", "${digest}"`), 304);
  assertEquals(await status(digest, '"x"'), 200);
  assertEquals(await status(UNKNOWN, `"${UNKNOWN}"`), 404);
});

Deno.test("getManifest says what is unknown", async () => {
  const registry = new TestRegistry();

  const tag = await registry.send("GET", "/v2/foo/manifests/v1");
  const digest = await registry.send("GET", `/v2/foo/manifests/${UNKNOWN}`);

  assertEquals(tag.status, 404);
  assertEquals((await tag.json()).errors, [{
    code: "MANIFEST_UNKNOWN",
    message: "manifest unknown",
    detail: "unknown tag=v1",
  }]);
  assertEquals(digest.status, 404);
  assertEquals(
    (await digest.json()).errors[0].detail,
    `unknown manifest name=foo revision=${UNKNOWN}`,
  );
});

Deno.test("putManifest names every blob that is missing", async () => {
  const registry = new TestRegistry();
  const config = await registry.pushBlob("foo", "{}");
  const layers = ["a", "b"].map((text) => digestBytes(toBytes(text)));
  const bytes = toBytes(JSON.stringify({
    schemaVersion: 2,
    config: { mediaType: OCI_CONFIG, digest: config, size: 2 },
    layers: layers.map((digest) => ({ mediaType: OCI_LAYER, digest, size: 1 })),
  }));

  const refused = await registry.putManifest("foo", "v1", bytes);
  const elsewhere = await registry.putManifest("bar", "v1", bytes);

  assertEquals(refused.status, 400);
  assertEquals(
    (await refused.json()).errors.map(({ code, detail }: { code: string; detail: string }) => [
      code,
      detail,
    ]),
    layers.map((digest) => ["MANIFEST_BLOB_UNKNOWN", digest]),
  );
  assertEquals((await errorCodes(elsewhere)).length, 3);
  assertEquals((await registry.send("GET", "/v2/foo/manifests/v1")).status, 404);
});

Deno.test("putManifest refuses an index whose child is missing", async () => {
  const registry = new TestRegistry();
  const { digest, bytes } = await registry.pushImage("foo");
  const index = (child: string) =>
    toBytes(JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_INDEX,
      manifests: [{ mediaType: OCI_MANIFEST, digest: child, size: bytes.byteLength }],
    }));

  const missing = await registry.putManifest("foo", "v1", index(UNKNOWN), OCI_INDEX);
  const present = await registry.putManifest("foo", "v1", index(digest), OCI_INDEX);
  const get = await registry.send("GET", "/v2/foo/manifests/v1");

  assertEquals(missing.status, 400);
  assertEquals(await errorCodes(missing), ["MANIFEST_BLOB_UNKNOWN"]);
  assertEquals(present.status, 201);
  assertEquals(get.headers.get("content-type"), OCI_INDEX);
});

Deno.test("putManifest refuses a digest that the bytes do not have", async () => {
  const registry = new TestRegistry();
  const { bytes } = await registry.pushImage("foo");

  for (const algorithm of ["sha256", "sha512"] as const) {
    const other = digestBytes(toBytes("other"), algorithm);
    const refused = await registry.putManifest("foo", other, bytes);
    assertEquals(refused.status, 400);
    assertEquals(await errorCodes(refused), ["DIGEST_INVALID"]);
  }
});

Deno.test("putManifest takes a manifest by its sha512", async () => {
  const registry = new TestRegistry();
  const { bytes, digest: sha256 } = await registry.pushImage("foo");
  const digest = digestBytes(bytes, "sha512");

  const put = await registry.putManifest("foo", `${digest}?tag=v1`, bytes);

  assertEquals(put.status, 201);
  assertEquals(put.headers.get("docker-content-digest"), digest);
  for (const reference of [digest, "v1"]) {
    const get = await registry.send("GET", `/v2/foo/manifests/${reference}`);
    assertEquals(get.headers.get("docker-content-digest"), digest);
    assertEquals(new Uint8Array(await get.arrayBuffer()), bytes);
  }
  // One content under two names: deleting it by either deletes it.
  assertEquals((await registry.send("DELETE", `/v2/foo/manifests/${sha256}`)).status, 202);
  for (const reference of [digest, "v1"]) {
    assertEquals((await registry.send("GET", `/v2/foo/manifests/${reference}`)).status, 404);
  }
});

Deno.test("putManifest sets the tags that the query names, and says so", async () => {
  const registry = new TestRegistry();
  const { bytes, digest } = await registry.pushImage("foo");

  const put = await registry.putManifest("foo", `${digest}?tag=v1&tag=latest`, bytes);
  const invalid = await registry.putManifest("foo", `${digest}?tag=-v1`, bytes);

  assertEquals(put.status, 201);
  assertEquals(put.headers.get("oci-tag"), "v1, latest");
  for (const tag of ["v1", "latest"]) {
    const head = await registry.send("HEAD", `/v2/foo/manifests/${tag}`);
    assertEquals(head.headers.get("docker-content-digest"), digest);
  }
  assertEquals(invalid.status, 400);
  assertEquals(await errorCodes(invalid), ["TAG_INVALID"]);
});

Deno.test("putManifest names the subject", async () => {
  const registry = new TestRegistry();
  const fields = { subject: { mediaType: OCI_MANIFEST, digest: UNKNOWN, size: 3 } };
  const { bytes } = await registry.pushImage("foo", { fields });

  const put = await registry.putManifest("foo", "v1", bytes);

  assertEquals(put.headers.get("oci-subject"), UNKNOWN);
});

Deno.test("putManifest refuses what is too large before it is read", async () => {
  const registry = new TestRegistry();
  let pulled = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulled++;
      controller.enqueue(new Uint8Array(65_536));
    },
  }, { highWaterMark: 0 });
  const headers = { "content-type": OCI_MANIFEST };

  const announced = await registry.send("PUT", "/v2/foo/manifests/v1", {
    headers: { ...headers, "content-length": "4194305" },
    body,
  });
  assertEquals(pulled, 0);
  const endless = await registry.send("PUT", "/v2/foo/manifests/v1", { headers, body });

  assertEquals(pulled < 100, true);
  for (const answer of [announced, endless]) {
    assertEquals(answer.status, 413);
    assertEquals(await errorCodes(answer), ["MANIFEST_INVALID"]);
  }
});

Deno.test("putManifest refuses what is no manifest", async () => {
  const registry = new TestRegistry();
  const { config } = await registry.pushImage("foo");
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const bodies: readonly (readonly [string, string])[] = [
    ["", OCI_MANIFEST],
    ["{", OCI_MANIFEST],
    ["[]", OCI_MANIFEST],
    [deep, OCI_MANIFEST],
    [`{"schemaVersion":2,"annotations":${deep}}`, OCI_MANIFEST],
    ['{"schemaVersion":2,"config":{},"layers":[],"manifests":[]}', OCI_MANIFEST],
    [`{"schemaVersion":2,"mediaType":"${OCI_INDEX}","layers":[]}`, OCI_MANIFEST],
    [`{"schemaVersion":1,"config":{"mediaType":"x","digest":"${config}"}}`, OCI_MANIFEST],
    ['{"schemaVersion":2}', "text/plain"],
    ['{"schemaVersion":2}', ""],
  ];

  for (const [body, contentType] of bodies) {
    const answer = await registry.putManifest("foo", "v1", toBytes(body), contentType);
    assertEquals(answer.status, 400, body.slice(0, 80));
    assertEquals(await errorCodes(answer), ["MANIFEST_INVALID"]);
  }
});

Deno.test("deleteManifest by tag leaves the manifest and the other tags", async () => {
  const registry = new TestRegistry();
  const { bytes, digest } = await registry.pushImage("foo", { reference: "v1" });
  await registry.putManifest("foo", "v2", bytes);

  const deleted = await registry.send("DELETE", "/v2/foo/manifests/v1");
  const again = await registry.send("DELETE", "/v2/foo/manifests/v1");

  assertEquals(deleted.status, 202);
  assertEquals(again.status, 404);
  assertEquals(await errorCodes(again), ["MANIFEST_UNKNOWN"]);
  assertEquals((await registry.send("HEAD", "/v2/foo/manifests/v1")).status, 404);
  assertEquals((await registry.send("HEAD", "/v2/foo/manifests/v2")).status, 200);
  assertEquals((await registry.send("HEAD", `/v2/foo/manifests/${digest}`)).status, 200);
});

Deno.test("deleteManifest by digest takes its tags along, and no others", async () => {
  const registry = new TestRegistry();
  const { bytes, digest } = await registry.pushImage("foo", { reference: "v1" });
  await registry.putManifest("foo", "v2", bytes);
  await registry.pushImage("foo", { layer: "another", reference: "v3" });

  const deleted = await registry.send("DELETE", `/v2/foo/manifests/${digest}`);
  const again = await registry.send("DELETE", `/v2/foo/manifests/${digest}`);
  const tags = await registry.send("GET", "/v2/foo/tags/list");
  const put = await registry.putManifest("foo", digest, bytes);

  assertEquals(deleted.status, 202);
  assertEquals(again.status, 404);
  assertEquals((await tags.json()).tags, ["v3"]);
  assertEquals(put.status, 201);
});

Deno.test("deleteManifest is refused where deleting is switched off, and deletes nothing", async () => {
  const registry = new TestRegistry({ store: { deleteEnabled: false } });
  const { digest } = await registry.pushImage("foo", { reference: "v1" });

  for (const reference of ["v1", digest]) {
    const refused = await registry.send("DELETE", `/v2/foo/manifests/${reference}`);
    assertEquals(refused.status, 405);
    assertEquals(await errorCodes(refused), ["UNSUPPORTED"]);
    assertEquals((await registry.send("HEAD", `/v2/foo/manifests/${reference}`)).status, 200);
  }
});

Deno.test("getManifest gives a manifest and a blob to nobody as the other", async () => {
  const registry = new TestRegistry();
  const { digest, layer } = await registry.pushImage("foo");

  assertEquals((await registry.send("GET", `/v2/foo/blobs/${digest}`)).status, 404);
  assertEquals((await registry.send("GET", `/v2/foo/manifests/${layer}`)).status, 404);
  assertEquals((await registry.send("DELETE", `/v2/foo/blobs/${digest}`)).status, 404);
});
