import { assertEquals, assertMatch } from "@std/assert";
import { brokenBlobs, storedDigests } from "../support/blob_files.ts";
import { contentOf, type Image, makeImage } from "../support/images.ts";
import { run } from "../support/process.ts";
import { randomBytes } from "../support/random_bytes.ts";
import {
  blobUrl,
  pushImage,
  type Repository,
  request,
  startUpload,
  verifyImage,
} from "../support/registry_client.ts";
import { filesystemStorage, type Registry, startTestedRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";

const DISK_BYTES = 24 * 1024 * 1024;

/** Statuses that say that the server is the one who failed. */
const SERVER_ERRORS = [500, 503, 507] as const;

/** What a test on a small disk works with. */
interface Scene {
  readonly registry: Registry;
  readonly repository: Repository;
  /** The root folder of the driver, on a disk of its own. */
  readonly disk: string;
  /** An image that is on the disk already, tagged `kept`. */
  readonly kept: Image;
}

/** Registers a test that has a registry on a small disk. */
function testOnSmallDisk(name: string, fn: (scene: Scene) => Promise<void>): void {
  testWith(["tmpfs"], {
    name: `serve on a full disk ${name}`,
    fn: async () => {
      await using temp = await TempFolder.make();
      const disk = await temp.folder("disk");
      await run(["mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", disk]);
      try {
        const config = { storage: filesystemStorage(disk) };
        await using registry = await startTestedRegistry({ folder: temp.path, config });
        const repository = { url: registry.url, name: "small" };
        const kept = await makeImage({ seed: "disk/kept" });
        await pushImage(repository, { image: kept, tag: "kept" });
        await fn({ registry, repository, disk, kept });
        await verifyImage(repository, { image: kept, reference: "kept" });
        assertEquals(await brokenBlobs(disk), []);
      } finally {
        await run(["umount", disk]);
      }
    },
  });
}

/** Checks that an answer is an error in the envelope of the specification, and reads it. */
async function assertErrorEnvelope(response: Response): Promise<void> {
  assertMatch(response.headers.get("Content-Type") ?? "", /^application\/json\b/);
  const { errors }: { errors: { code: string; message: string }[] } = await response.json();
  assertEquals(errors.length > 0, true);
  for (const { code, message } of errors) {
    assertMatch(code, /^[A-Z_]+$/);
    assertEquals(message.length > 0, true);
  }
}

/** Fills what is left of the disk and gives the file that does it. */
async function fillDisk(disk: string): Promise<string> {
  const path = `${disk}/filler`;
  using file = await Deno.open(path, { write: true, create: true });
  const piece = new Uint8Array(4096);
  try {
    while (true) await file.write(piece);
  } catch (error) {
    assertMatch(String(error), /No space left|os error 28/);
  }
  return path;
}

for (const method of ["PATCH", "PUT"] as const) {
  testOnSmallDisk(`refuses a blob by ${method} and keeps nothing of it`, async (scene) => {
    const { disk, repository } = scene;
    const blob = contentOf("application/octet-stream", randomBytes("large", 2 * DISK_BYTES));
    const location = await startUpload(repository);
    if (method === "PUT") location.searchParams.set("digest", blob.digest);
    const refused = await request(location.href, {
      method,
      body: blob.bytes,
      headers: { "Content-Type": "application/octet-stream" },
      expect: SERVER_ERRORS,
    });
    await assertErrorEnvelope(refused);
    assertEquals((await storedDigests(disk)).includes(blob.digest), false);
    await request(blobUrl(repository, blob.digest), { method: "HEAD", expect: [404] });
    await verifyImage(repository, { image: scene.kept, reference: "kept" });
    // Cancelling gives the space back, where the registry has not given it back by itself.
    const cancelled = await request(location.href, { method: "DELETE", expect: [204, 404] });
    await cancelled.body?.cancel();
    const next = await makeImage({ seed: `disk/next/${method}` });
    await pushImage(repository, { image: next, tag: "next" });
    await verifyImage(repository, { image: next, reference: "next" });
  });
}

testOnSmallDisk("refuses uploads, manifests and tags until there is room", async (scene) => {
  const { disk, kept, repository } = scene;
  const next = await makeImage({ seed: "disk/next" });
  for (const { bytes, digest } of next.blobs) {
    const location = await startUpload(repository);
    location.searchParams.set("digest", digest);
    await (await request(location.href, { method: "PUT", body: bytes, expect: [201] })).body
      ?.cancel();
  }
  const filler = await fillDisk(disk);
  // An upload that has just begun holds nothing yet, for which there is room.
  const blob = contentOf("application/octet-stream", randomBytes("late", 100_000));
  const upload = await startUpload(repository);
  upload.searchParams.set("digest", blob.digest);
  const manifests = `${repository.url}/v2/${repository.name}/manifests`;
  const refusals: readonly (readonly [url: string, init: RequestInit & { method: string }])[] = [
    [upload.href, { method: "PUT", body: blob.bytes }],
    [`${manifests}/next`, manifestRequest(next)],
    [`${manifests}/another`, manifestRequest(kept)],
  ];
  for (const [url, init] of refusals) {
    await assertErrorEnvelope(await fetchExpecting(url, init));
  }
  await verifyImage(repository, { image: kept, reference: "kept" });
  await request(blobUrl(repository, blob.digest), { method: "HEAD", expect: [404] });
  await request(`${manifests}/next`, { method: "HEAD", expect: [404] });
  await request(`${manifests}/another`, { method: "HEAD", expect: [404] });
  await Deno.remove(filler);
  await pushImage(repository, { image: next, tag: "next" });
  await verifyImage(repository, { image: next, reference: "next" });
});

function manifestRequest({ manifest }: Image): RequestInit & { method: string } {
  return {
    method: "PUT",
    body: manifest.bytes,
    headers: { "Content-Type": manifest.mediaType },
  };
}

/** Sends a request that only a server with room could answer well. */
async function fetchExpecting(
  url: string,
  init: RequestInit & { method: string },
): Promise<Response> {
  const response = await fetch(url, init);
  const expected: readonly number[] = SERVER_ERRORS;
  assertEquals(expected.includes(response.status), true, `${init.method} ${url}: status`);
  return response;
}
