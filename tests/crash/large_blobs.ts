/**
 * Large blobs on their way in and out, and the memory that they take.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assertEquals } from "@std/assert";
import { randomDigest, randomStream } from "../support/random_bytes.ts";
import { blobUrl, type Repository, request, startUpload } from "../support/registry_client.ts";
import type { Registry } from "../support/servers.ts";

/** Bytes in a MiB. */
export const MEBIBYTE = 1024 * 1024;

/** Streams a blob of random bytes up in one PATCH without a length, and finishes it. */
export async function pushStream(
  repository: Repository,
  { seed, sizeBytes }: { readonly seed: string; readonly sizeBytes: number },
): Promise<string> {
  const digest = randomDigest(seed, sizeBytes);
  const { url: _url, name: _name, ...reached } = repository;
  const patch = await request((await startUpload(repository)).href, {
    ...reached,
    method: "PATCH",
    body: randomStream(seed, sizeBytes),
    headers: { "Content-Type": "application/octet-stream" },
    expect: [202],
  });
  await patch.body?.cancel();
  const location = new URL(patch.headers.get("Location") ?? "", patch.url);
  location.searchParams.set("digest", digest);
  const put = await request(location.href, { ...reached, method: "PUT", expect: [201] });
  await put.body?.cancel();
  return digest;
}

/** Streams a blob down and gives the digest and the number of its bytes. */
export async function pullStream(
  repository: Repository,
  digest: string,
): Promise<{ readonly digest: string; readonly sizeBytes: number }> {
  const { url: _url, name: _name, ...reached } = repository;
  const response = await request(blobUrl(repository, digest), reached);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of response.body ?? []) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { digest: `sha256:${hash.digest("hex")}`, sizeBytes };
}

/** Fails where the registry has ever held more than `limitBytes`, and says how much it was. */
export async function assertPeak(
  registry: Registry,
  { what, limitBytes }: { readonly what: string; readonly limitBytes: number },
): Promise<void> {
  const peakBytes = await registry.process.peakMemoryBytes();
  const [peak, limit] = [peakBytes, limitBytes].map((bytes) => Math.round(bytes / MEBIBYTE));
  console.log(`memory: ${what}: ${peak} MiB at most, ${limit} MiB allowed`);
  assertEquals(peakBytes < limitBytes, true, `${what} took ${peak} MiB of memory`);
}
