import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import { randomBytes, randomDigest, randomStream } from "../support/random_bytes.ts";
import { blobUrl, type Repository, request, startUpload } from "../support/registry_client.ts";
import { type Registry, startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { soak } from "./soak.ts";

const MEBIBYTE = 1024 * 1024;

/** Size of the one large blob, in bytes. */
const BLOB_BYTES = soak(5000, 1000) * 1_000_000;

/** What the registry may hold with one large blob on its way, in bytes. */
const LIMIT_BYTES = 200 * MEBIBYTE;

/** How many uploads run at once, how large each is, and what a crowd may make it hold, in bytes. */
const CROWD = { uploads: 64, sizeBytes: soak(128, 16) * MEBIBYTE, limitBytes: 400 * MEBIBYTE };

/** Streams a blob of random bytes up in one PATCH without a length, and finishes it. */
async function pushStream(
  repository: Repository,
  { seed, sizeBytes }: { readonly seed: string; readonly sizeBytes: number },
): Promise<string> {
  const digest = randomDigest(seed, sizeBytes);
  const patch = await request((await startUpload(repository)).href, {
    method: "PATCH",
    body: randomStream(seed, sizeBytes),
    headers: { "Content-Type": "application/octet-stream" },
    expect: [202],
  });
  await patch.body?.cancel();
  const location = new URL(patch.headers.get("Location") ?? "", patch.url);
  location.searchParams.set("digest", digest);
  const put = await request(location.href, { method: "PUT", expect: [201] });
  await put.body?.cancel();
  return digest;
}

/** Streams a blob down and gives the digest and the number of its bytes. */
async function pullStream(
  repository: Repository,
  digest: string,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const response = await request(blobUrl(repository, digest));
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

/** Fails where the registry has ever held more than `limitBytes`, and says how much it was. */
async function assertPeak(
  registry: Registry,
  { what, limitBytes }: { readonly what: string; readonly limitBytes: number },
): Promise<void> {
  const peakBytes = await registry.process.peakMemoryBytes();
  const [peak, limit] = [peakBytes, limitBytes].map((bytes) => Math.round(bytes / MEBIBYTE));
  console.log(`memory: ${what}: ${peak} MiB at most, ${limit} MiB allowed`);
  assertEquals(peakBytes < limitBytes, true, `${what} took ${peak} MiB of memory`);
}

testWith(["linux"], {
  name: `serve takes and gives a blob of ${BLOB_BYTES / 1e9} GB in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "large" };
    const digest = await pushStream(repository, { seed: "large", sizeBytes: BLOB_BYTES });
    const limitBytes = LIMIT_BYTES;
    await assertPeak(registry, { what: `push of ${BLOB_BYTES / 1e9} GB`, limitBytes });
    const pulled = await pullStream(repository, digest);
    assertEquals(pulled, { digest, sizeBytes: BLOB_BYTES });
    await assertPeak(registry, { what: `pull of ${BLOB_BYTES / 1e9} GB`, limitBytes });
  },
});

testWith(["linux"], {
  name: `serve takes ${CROWD.uploads} blobs at once in little memory`,
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "many" };
    await Promise.all(Array.from(
      { length: CROWD.uploads },
      (_, upload) => pushStream(repository, { seed: `${upload}`, sizeBytes: CROWD.sizeBytes }),
    ));
    const sizeMebibytes = CROWD.sizeBytes / MEBIBYTE;
    const what = `${CROWD.uploads} pushes of ${sizeMebibytes} MiB`;
    await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
  },
});

testWith(["linux"], {
  name: "serve holds little for clients that read slowly",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using registry = await startTestedRegistry({ folder: temp.path });
    const repository = { url: registry.url, name: "slow" };
    const sizeBytes = 64 * MEBIBYTE;
    const digest = await pushStream(repository, { seed: "slow", sizeBytes });
    const readers = await Promise.all(Array.from({ length: 32 }, async () => {
      const { body } = await request(blobUrl(repository, digest));
      const reader = body?.getReader();
      await reader?.read();
      return reader;
    }));
    const what = "32 clients that stopped reading";
    await assertPeak(registry, { what, limitBytes: CROWD.limitBytes });
    for (const reader of readers) await reader?.cancel();
    const first = await request(blobUrl(repository, digest), {
      headers: { Range: "bytes=0-9" },
      expect: [206],
    });
    assertEquals(await first.bytes(), randomBytes("slow", 10));
  },
});
