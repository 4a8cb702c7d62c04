import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFiles } from "../../src/storage/blob_files.ts";
import { LinkedBlobStore } from "../../src/storage/blob_store.ts";
import { isStoreError, StoreError } from "../../src/storage/errors.ts";
import { Links } from "../../src/storage/links.ts";
import { blobDataPath, layerLinkPath } from "../../src/storage/paths.ts";
import type { BlobStore } from "../../src/storage/store.ts";
import { DriverDouble, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("0123456789");
const CANONICAL = digestBytes(CONTENT);
const ALIAS = digestBytes(CONTENT, "sha512");
const PLAIN = { digest: CANONICAL, canonical: CANONICAL, sizeBytes: 10 };

interface Scene {
  readonly driver: DriverDouble;
  readonly blobs: BlobStore;
  /** Puts a blob into a repository, as an upload does. */
  readonly push: (repository: string, content: Uint8Array, digest?: Digest) => Promise<void>;
}

function scene({ deleteEnabled = true } = {}): Scene {
  const driver = new DriverDouble();
  const files = new BlobFiles(driver, SILENT);
  const layers = new Links(driver, layerLinkPath, SILENT);
  const blobs = new LinkedBlobStore({ files, layers, deleteEnabled });
  const push = async (repository: string, content: Uint8Array, digest?: Digest) => {
    const canonical = digestBytes(content);
    const digests = { canonical, digest: digest ?? canonical };
    await layers.add(repository, digests, await files.toWrite(digests, content));
  };
  return { driver, blobs, push };
}

async function assertUnknown(call: Promise<unknown>, digest: Digest): Promise<void> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, "blob_unknown"));
  assertEquals(error.detail, { digest });
}

Deno.test("LinkedBlobStore.stat knows the blobs of one repository alone", async () => {
  const { blobs, push } = scene();
  await push("foo", CONTENT);

  assertEquals(await blobs.stat("foo", CANONICAL), PLAIN);
  await assertUnknown(blobs.stat("bar", CANONICAL), CANONICAL);
  await assertUnknown(blobs.stat("foo", ALIAS), ALIAS);
});

Deno.test("LinkedBlobStore.stat looks at link and content each time", async () => {
  const { driver, blobs, push } = scene();
  await push("foo", CONTENT);
  await blobs.stat("foo", CANONICAL);

  await driver.delete(blobDataPath(CANONICAL));
  await assertUnknown(blobs.stat("foo", CANONICAL), CANONICAL);
  await push("bar", CONTENT);
  assertEquals(await blobs.stat("foo", CANONICAL), PLAIN);
  await driver.delete(layerLinkPath("foo", CANONICAL));
  await assertUnknown(blobs.stat("foo", CANONICAL), CANONICAL);
});

Deno.test("LinkedBlobStore.stat finds a blob by its alias, and by nothing that a link just says", async () => {
  const { driver, blobs, push } = scene();
  await push("foo", CONTENT, ALIAS);
  // What a mount by an alias leaves in trees of Distribution.
  await driver.putContent(layerLinkPath("bar", ALIAS), toBytes(ALIAS));

  assertEquals(await blobs.stat("foo", ALIAS), { ...PLAIN, digest: ALIAS });
  await assertUnknown(blobs.stat("bar", ALIAS), ALIAS);
});

Deno.test("LinkedBlobStore.open gives small content at once and large content as a stream", async () => {
  const { blobs, push } = scene();
  const large = new Uint8Array(64 * 1024 + 1).fill(7);
  await push("foo", CONTENT);
  await push("foo", large);

  const small = await blobs.open(await blobs.stat("foo", CANONICAL));
  const stream = await blobs.open(await blobs.stat("foo", digestBytes(large)));

  assertEquals(small, CONTENT);
  assertInstanceOf(stream, ReadableStream);
  assertEquals(new Uint8Array(await new Response(stream).arrayBuffer()), large);
});

Deno.test("LinkedBlobStore.open reads a part, whatever the size", async () => {
  const { blobs, push } = scene();
  await push("foo", CONTENT);

  const part = await blobs.open(PLAIN, { offset: 3, length: 4 });

  assertInstanceOf(part, ReadableStream);
  assertEquals(await new Response(part).text(), "3456");
});

Deno.test("LinkedBlobStore.open says so where the content is gone meanwhile", async () => {
  const { driver, blobs, push } = scene();
  await push("foo", CONTENT);
  await driver.delete(blobDataPath(CANONICAL));

  await assertUnknown(blobs.open(PLAIN), CANONICAL);
  await assertUnknown(blobs.open(PLAIN, { offset: 0, length: 1 }), CANONICAL);
  await assertUnknown(blobs.open({ ...PLAIN, sizeBytes: 1_000_000 }), CANONICAL);
});

Deno.test("LinkedBlobStore.open passes on a storage that fails", async () => {
  const { driver, blobs, push } = scene();
  await push("foo", CONTENT);
  driver.before = () => {
    throw new DriverError("unavailable", { driver: "double", cause: "no network" });
  };

  await assertRejects(() => blobs.open(PLAIN), DriverError, "no network");
});

Deno.test("LinkedBlobStore.redirectUrl leads to the content, whichever digest was asked for", async () => {
  const { blobs } = scene();

  assertEquals(
    await blobs.redirectUrl({ ...PLAIN, digest: ALIAS }, { method: "GET" }),
    `https://storage.test${blobDataPath(CANONICAL)}?method=GET`,
  );
});

Deno.test("LinkedBlobStore.mount links a blob, which then does without its source", async () => {
  const { blobs, push } = scene();
  await push("source", CONTENT);

  assertEquals(await blobs.mount("target", CANONICAL, { from: "source" }), PLAIN);
  await blobs.delete("source", CANONICAL);

  assertEquals(await blobs.stat("target", CANONICAL), PLAIN);
});

Deno.test("LinkedBlobStore.mount links nothing that the source does not hold", async () => {
  const { blobs, push, driver } = scene();
  await push("source", CONTENT);

  await assertUnknown(blobs.mount("target", CANONICAL, { from: "elsewhere" }), CANONICAL);
  await assertUnknown(blobs.mount("target", ALIAS, { from: "source" }), ALIAS);

  assertEquals(await blobs.mount("target", CANONICAL, {}), PLAIN);
  await driver.delete(blobDataPath(CANONICAL));
  await assertUnknown(blobs.mount("third", CANONICAL, {}), CANONICAL);
  await assertUnknown(blobs.mount("third", CANONICAL, { from: "source" }), CANONICAL);
});

Deno.test("LinkedBlobStore.mount of an alias links the content under both digests", async () => {
  const { driver, blobs, push } = scene();
  await push("source", CONTENT, ALIAS);

  const mounted = await blobs.mount("target", ALIAS, { from: "source" });
  await blobs.mount("third", ALIAS, {});

  assertEquals(mounted, { ...PLAIN, digest: ALIAS });
  for (const repository of ["target", "third"]) {
    assertEquals(await blobs.stat(repository, ALIAS), { ...PLAIN, digest: ALIAS });
    assertEquals(await blobs.stat(repository, CANONICAL), PLAIN);
    const link = await driver.getContent(layerLinkPath(repository, ALIAS));
    assertEquals(link, toBytes(CANONICAL));
  }
});

Deno.test("LinkedBlobStore.delete takes a blob out by any of its digests, and leaves the bytes", async () => {
  for (const digest of [CANONICAL, ALIAS]) {
    const { driver, blobs, push } = scene();
    await push("foo", CONTENT, ALIAS);

    await blobs.delete("foo", digest);

    await assertUnknown(blobs.stat("foo", CANONICAL), CANONICAL);
    await assertUnknown(blobs.stat("foo", ALIAS), ALIAS);
    await assertUnknown(blobs.delete("foo", digest), digest);
    assertEquals(await driver.getContent(blobDataPath(CANONICAL)), CONTENT);
  }
});

Deno.test("LinkedBlobStore.delete touches nothing where deleting is switched off", async () => {
  const { driver, blobs, push } = scene({ deleteEnabled: false });
  await push("foo", CONTENT);
  const { length } = driver.calls;

  const error = await assertRejects(() => blobs.delete("foo", CANONICAL), StoreError);

  assert(isStoreError(error, "delete_disabled"));
  assertEquals(driver.calls.length, length);
});
