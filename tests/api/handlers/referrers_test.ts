import { assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import { digestBytes } from "../../../src/oci/digester.ts";
import { errorCodes, OCI_CONFIG, OCI_INDEX, OCI_MANIFEST, TestRegistry } from "../_registry.ts";

const SUBJECT = digestBytes(toBytes("subject"));

function subjectFields(more: Record<string, unknown> = {}): Record<string, unknown> {
  return { subject: { mediaType: OCI_MANIFEST, digest: SUBJECT, size: 7 }, ...more };
}

Deno.test("getReferrers lists what refers to a manifest, there or not", async () => {
  const registry = new TestRegistry();
  const annotations = { "org.example": "x" };
  const signature = await registry.pushImage("foo", {
    fields: subjectFields({ artifactType: "application/signature", annotations }),
  });
  const image = await registry.pushImage("foo", { fields: subjectFields() });
  await registry.pushImage("bar", { layer: "other", fields: subjectFields() });

  const answer = await registry.send("GET", `/v2/foo/referrers/${SUBJECT}`);
  const { schemaVersion, mediaType, manifests } = await answer.json();

  assertEquals(answer.status, 200);
  assertEquals(answer.headers.get("content-type"), OCI_INDEX);
  assertEquals(answer.headers.has("oci-filters-applied"), false);
  assertEquals([schemaVersion, mediaType], [2, OCI_INDEX]);
  const expected = [
    {
      mediaType: OCI_MANIFEST,
      digest: signature.digest,
      size: signature.bytes.byteLength,
      artifactType: "application/signature",
      annotations,
    },
    {
      mediaType: OCI_MANIFEST,
      digest: image.digest,
      size: image.bytes.byteLength,
      artifactType: OCI_CONFIG,
    },
  ];
  assertEquals(manifests, expected.toSorted((a, b) => a.digest < b.digest ? -1 : 1));
});

Deno.test("getReferrers filters by artifact type, and says so", async () => {
  const registry = new TestRegistry();
  const { digest } = await registry.pushImage("foo", {
    fields: subjectFields({ artifactType: "a/b" }),
  });
  await registry.pushImage("foo", { fields: subjectFields({ artifactType: "c/d" }) });

  const answer = await registry.send("GET", `/v2/foo/referrers/${SUBJECT}?artifactType=a%2Fb`);
  const { manifests } = await answer.json();

  assertEquals(answer.headers.get("oci-filters-applied"), "artifactType");
  assertEquals(manifests.map((entry: { digest: string }) => entry.digest), [digest]);
});

Deno.test("getReferrers gives pages that lead from one to the next", async () => {
  const registry = new TestRegistry();
  const all: string[] = [];
  for (const artifactType of ["a/1", "a/2", "a/3", "a/4", "a/5"]) {
    all.push((await registry.pushImage("foo", { fields: subjectFields({ artifactType }) })).digest);
  }
  const seen: string[] = [];
  let path: string | undefined = `/v2/foo/referrers/${SUBJECT}?n=2`;

  while (path !== undefined) {
    const answer: Response = await registry.send("GET", path);
    const { manifests } = await answer.json();
    seen.push(...manifests.map((entry: { digest: string }) => entry.digest));
    path = /^<(.+)>; rel="next"$/.exec(answer.headers.get("link") ?? "")?.[1];
  }

  assertEquals(seen, all.toSorted());
});

Deno.test("getReferrers forgets what was deleted and knows it again when it is back", async () => {
  const registry = new TestRegistry();
  const { digest, bytes } = await registry.pushImage("foo", { fields: subjectFields() });
  const count = async () =>
    (await (await registry.send("GET", `/v2/foo/referrers/${SUBJECT}`)).json()).manifests.length;

  assertEquals(await count(), 1);
  await registry.send("DELETE", `/v2/foo/manifests/${digest}`);
  assertEquals(await count(), 0);
  await registry.putManifest("foo", digest, bytes);
  assertEquals(await count(), 1);
});

Deno.test("getReferrers of what nothing refers to is empty, and refuses what is no digest", async () => {
  const registry = new TestRegistry();

  const empty = await registry.send("GET", `/v2/foo/referrers/${SUBJECT}`);
  const invalid = await registry.send("GET", "/v2/foo/referrers/sha256:00");

  assertEquals((await empty.json()).manifests, []);
  assertEquals(invalid.status, 400);
  assertEquals(await errorCodes(invalid), ["DIGEST_INVALID"]);
});
