import { assertEquals } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { OCI_MANIFEST } from "../api/_registry.ts";
import { bytesOf, startCache } from "./_cache.ts";

Deno.test("PullThroughReferrers fetches the list and what is on it, for when the upstream is away", async () => {
  const cache = await startCache();
  const { registry } = cache.upstream;
  const image = await registry.pushImage("lib/app");
  const subject = { mediaType: OCI_MANIFEST, digest: image.digest, size: image.bytes.byteLength };
  const fields = { subject, artifactType: "application/x-signature" };
  const signature = await registry.pushImage("lib/app", { fields });
  for (let round = 0; round < 2; round++) {
    const response = await cache.send("GET", `/v2/lib/app/referrers/${image.digest}`);
    const { manifests } = await response.json();
    assertEquals(manifests.map(({ digest }: { digest: string }) => digest), [signature.digest]);
    cache.upstream.goAway();
    await cache.clock.pass(60_000);
  }
  const pulled = await cache.send("GET", `/v2/lib/app/manifests/${signature.digest}`);
  assertEquals(await bytesOf(pulled), signature.bytes);
});

Deno.test("PullThroughReferrers finds those of a registry that keeps them by tag", async () => {
  const cache = await startCache();
  const { registry } = cache.upstream;
  const image = await registry.pushImage("lib/app");
  const subject = { mediaType: OCI_MANIFEST, digest: image.digest, size: image.bytes.byteLength };
  const signature = await registry.pushImage("lib/app", { fields: { subject } });
  const index = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.index.v1+json",
    manifests: [{ mediaType: OCI_MANIFEST, digest: signature.digest, size: 1 }],
  };
  await registry.putManifest(
    "lib/app",
    image.digest.replace(":", "-"),
    toBytes(JSON.stringify(index)),
    index.mediaType,
  );
  cache.upstream.misbehave = ({ url }) =>
    url.includes("/referrers/") ? new Response(null, { status: 404 }) : undefined;
  const response = await cache.send("GET", `/v2/lib/app/referrers/${image.digest}`);
  const { manifests } = await response.json();
  assertEquals(manifests.map(({ digest }: { digest: string }) => digest), [signature.digest]);
});
