import { assert, assertEquals, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { DriverError, type StorageDriver } from "../../src/drivers/driver.ts";
import { FilesystemDriver } from "../../src/drivers/filesystem/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFiles } from "../../src/storage/blob_files.ts";
import { LinkedBlobStore } from "../../src/storage/blob_store.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import { Links } from "../../src/storage/links.ts";
import {
  blobDataPath,
  layerLinkPath,
  uploadDataPath,
  uploadPath,
} from "../../src/storage/paths.ts";
import type { BlobInfo, Upload } from "../../src/storage/store.ts";
import { DriverUploadStore } from "../../src/storage/upload_store.ts";
import { bodyOf, dieAfter, DriverDouble, FakeClock, filesOf, noSpace, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("0123456789");
const DIGEST = digestBytes(CONTENT);
const SHA512 = digestBytes(CONTENT, "sha512");
const BLOB: BlobInfo = { digest: DIGEST, canonical: DIGEST, sizeBytes: 10 };

/** Uploads as one thread or replica has them. */
function uploadsOn(driver: StorageDriver): DriverUploadStore {
  return new DriverUploadStore({
    driver,
    files: new BlobFiles(driver, SILENT),
    layers: new Links(driver, layerLinkPath, SILENT),
    clock: new FakeClock(),
    idleTimeoutMs: 60_000,
  });
}

function append(store: DriverUploadStore, upload: Upload, text: string, offset?: number) {
  const content = { stream: bodyOf([text]), ...offset === undefined ? {} : { offset } };
  return store.append(upload, content);
}

async function refusal(call: Promise<unknown>, code: StoreErrorCode): Promise<void> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, code), error.message);
}

/** What a blob of a repository holds; `undefined`: it is not there. */
async function pulled(driver: StorageDriver, digest: Digest): Promise<Uint8Array | undefined> {
  const files = new BlobFiles(driver, SILENT);
  const layers = new Links(driver, layerLinkPath, SILENT);
  const blobs = new LinkedBlobStore({ files, layers, deleteEnabled: false });
  try {
    const content = await blobs.open(await blobs.stat("foo", digest));
    return new Uint8Array(await new Response(content).arrayBuffer());
  } catch (error) {
    if (isStoreError(error, "blob_unknown")) return undefined;
    throw error;
  }
}

Deno.test("DriverUploadStore of another replica goes on where the first one stands", async () => {
  const driver = new DriverDouble();
  const [one, other] = [uploadsOn(driver), uploadsOn(driver)];
  const upload = await one.start("foo");
  await append(one, upload, "012");

  const found = await other.find("foo", upload.id);
  await append(other, found, "345", 3);
  await append(one, upload, "678", 6);

  assertEquals(found, { ...upload, sizeBytes: 3 });
  assertEquals(await other.commit(upload, DIGEST, { stream: bodyOf(["9"]), offset: 9 }), BLOB);
  assertEquals(await driver.getContent(blobDataPath(DIGEST)), CONTENT);
});

Deno.test("DriverUploadStore believes no running digest that others have left behind", async () => {
  const driver = new DriverDouble();
  const [one, other] = [uploadsOn(driver), uploadsOn(driver)];
  const upload = await one.start("foo");
  await append(one, upload, "01234");
  await append(other, upload, "56789");

  // The first replica has seen five bytes alone, the second the other five.
  await refusal(one.commit(upload, digestBytes(toBytes("01234"))), "digest_mismatch");
  await refusal(other.commit(upload, digestBytes(toBytes("56789"))), "digest_mismatch");

  assertEquals(await one.commit(upload, DIGEST), BLOB);
});

Deno.test("DriverUploadStore of another replica reads back once, at the end", async () => {
  const driver = new DriverDouble();
  const upload = await uploadsOn(driver).start("foo");
  for (const [offset, text] of [[0, "01"], [2, "234"], [5, "567"]] as const) {
    await append(uploadsOn(driver), upload, text, offset);
  }
  const reads = () => driver.calls.filter(({ method }) => method === "reader").length;
  assertEquals(reads(), 0);

  const last = { stream: bodyOf(["89"]) };
  assertEquals(await uploadsOn(driver).commit(upload, SHA512, last), { ...BLOB, digest: SHA512 });

  assertEquals(reads(), 1);
});

for (const [name, replicas] of [["one replica", 1], ["two replicas", 2]] as const) {
  const stores = (driver: DriverDouble): [DriverUploadStore, DriverUploadStore] => {
    const first = uploadsOn(driver);
    return [first, replicas === 1 ? first : uploadsOn(driver)];
  };

  Deno.test(`DriverUploadStore.append takes one body after the other: ${name}`, async () => {
    const driver = new DriverDouble();
    const [one, other] = stores(driver);
    const upload = await one.start("foo");
    const { promise: more, resolve } = Promise.withResolvers<void>();
    const slow = bodyOf(["012", "34"], async (controller) => {
      await more;
      controller.close();
    });

    const first = one.append(upload, { stream: slow });
    const second = append(other, upload, "56789");
    const third = append(other, upload, "x", 0);
    third.catch(() => {});
    resolve();

    assertEquals((await first).sizeBytes, 5);
    assertEquals((await second).sizeBytes, 10);
    await refusal(third, "range_mismatch");
    assertEquals(await one.commit(upload, DIGEST), BLOB);
  });

  Deno.test(`DriverUploadStore.commit of one upload at once succeeds once: ${name}`, async () => {
    const driver = new DriverDouble();
    const [one, other] = stores(driver);
    const upload = await append(one, await one.start("foo"), "0123456789");

    const ends = await Promise.allSettled([
      one.commit(upload, DIGEST),
      other.commit(upload, DIGEST),
      append(other, upload, "more"),
    ]);

    assertEquals(ends.map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
    for (const end of ends) {
      if (end.status === "rejected") assert(isStoreError(end.reason, "upload_unknown"), end.reason);
    }
    assertEquals(await filesOf(driver), {
      [blobDataPath(DIGEST)]: "0123456789",
      [layerLinkPath("foo", DIGEST)]: DIGEST,
    });
    await assertRejects(() => driver.stat(uploadPath("foo", upload.id)), DriverError);
  });

  Deno.test(`DriverUploadStore.commit publishes nothing that others add: ${name}`, async () => {
    const driver = new DriverDouble();
    const [one, other] = stores(driver);
    const upload = await append(one, await one.start("foo"), "01234");
    const content = { stream: bodyOf(["56789"]) };

    const [committed, appended] = await Promise.allSettled([
      one.commit(upload, DIGEST, content),
      append(other, upload, "9876543210"),
    ]);

    assertEquals(committed.status, "fulfilled");
    assertEquals(appended.status, "rejected");
    assertEquals(await pulled(driver, DIGEST), CONTENT);
  });

  Deno.test(`DriverUploadStore.commit of the same blob from two uploads: ${name}`, async () => {
    const driver = new DriverDouble();
    const [one, other] = stores(driver);
    // Every call takes a turn of the loop, so that the two really mix.
    driver.before = () => new Promise((resolve) => setTimeout(resolve));
    const push = async (store: DriverUploadStore, repository: string) => {
      const upload = await store.start(repository);
      return await store.commit(upload, DIGEST, { stream: bodyOf(["0123", "456789"]) });
    };

    const blobs = await Promise.all([push(one, "foo"), push(other, "foo"), push(other, "bar")]);

    driver.before = () => {};
    assertEquals(blobs, [BLOB, BLOB, BLOB]);
    assertEquals(await filesOf(driver), {
      [blobDataPath(DIGEST)]: "0123456789",
      [layerLinkPath("foo", DIGEST)]: DIGEST,
      [layerLinkPath("bar", DIGEST)]: DIGEST,
    });
  });
}

Deno.test("DriverUploadStore.append waits in the process, for drivers that hold no files", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await uploads.start("foo");
  const writers = () => driver.calls.filter(({ method }) => method === "writer").length;
  let open = 0;
  const stream = bodyOf(["01234"], async (controller) => {
    // Time for the other one to come, if it did not wait.
    await new Promise((resolve) => setTimeout(resolve));
    open = writers();
    controller.close();
  });

  await Promise.all([uploads.append(upload, { stream }), append(uploads, upload, "56789")]);

  assertEquals([open, writers()], [1, 2]);
});

Deno.test("DriverUploadStore.append to different uploads does not wait", async () => {
  const uploads = uploadsOn(new DriverDouble());
  const [stalled, other] = [await uploads.start("foo"), await uploads.start("foo")];
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const stream = bodyOf(["0"], async (controller) => {
    await end;
    controller.close();
  });

  const waiting = uploads.append(stalled, { stream });

  assertEquals((await append(uploads, other, "01234")).sizeBytes, 5);
  resolve();
  assertEquals((await waiting).sizeBytes, 1);
});

/** Cancels an upload while a call on it has reached the driver's `method`. */
async function cancelledAt(
  method: "write" | "commit" | "move",
  call: (store: DriverUploadStore, upload: Upload) => Promise<unknown>,
): Promise<{ driver: DriverDouble; ended: Promise<unknown> }> {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await append(uploads, await uploads.start("foo"), "01234");
  let done = false;
  driver.before = async (at) => {
    if (at.method !== method || done) return;
    done = true;
    await uploads.cancel(upload);
  };
  const ended = call(uploads, upload);
  await ended.catch(() => {});
  return { driver, ended };
}

Deno.test("DriverUploadStore.cancel does not wait for a body that is arriving", async () => {
  for (const method of ["write", "commit", "move"] as const) {
    const { driver, ended } = await cancelledAt(method, (store, upload) => {
      return store.commit(upload, DIGEST, { stream: bodyOf(["56789"]) });
    });

    await refusal(ended, "upload_unknown");
    assertEquals(await filesOf(driver), {});
  }
  const { driver } = await cancelledAt("write", (store, upload) => append(store, upload, "5"));
  assertEquals(await filesOf(driver), {});
});

Deno.test("DriverUploadStore.commit cut short anywhere publishes all of a blob or nothing", async () => {
  const ends = new Set<string>();
  for (let survived = 0;; survived++) {
    const driver = new DriverDouble();
    const before = uploadsOn(driver);
    const upload = await append(before, await before.start("foo", { algorithm: "sha512" }), "0123");
    dieAfter(driver, survived);
    const content = { stream: bodyOf(["456789"]) };
    const done = await before.commit(upload, SHA512, content).then(() => true, () => false);
    driver.before = () => {};

    for (const digest of [DIGEST, SHA512]) {
      const found = await pulled(driver, digest);
      assert(found === undefined || found.byteLength === 10, `${survived}: ${digest}`);
      if (found !== undefined) assertEquals(found, CONTENT);
      ends.add(`${digest.slice(0, 6)} ${found === undefined ? "unknown" : "there"}`);
    }
    // Whatever there is, the next push of the same content succeeds.
    const after = uploadsOn(driver);
    const again = await after.start("foo");
    await after.commit(again, SHA512, { stream: bodyOf([CONTENT]) });
    assertEquals(await pulled(driver, SHA512), CONTENT);
    assertEquals(await pulled(driver, DIGEST), CONTENT);
    if (done) break;
  }
  assertEquals(ends.size, 4);
});

Deno.test("DriverUploadStore.append cut short anywhere can be gone on with by another replica", async () => {
  for (let survived = 0; survived < 3; survived++) {
    const driver = new DriverDouble();
    const upload = await uploadsOn(driver).start("foo");
    dieAfter(driver, survived);
    await uploadsOn(driver).append(upload, { stream: bodyOf(["01234"]) }).catch(() => {});
    driver.before = () => {};

    const after = uploadsOn(driver);
    const { sizeBytes } = await after.find("foo", upload.id);
    const rest = { stream: bodyOf([CONTENT.subarray(sizeBytes)]), offset: sizeBytes };
    assertEquals(await after.commit(upload, DIGEST, rest), BLOB);
  }
});

/** Makes the first write store a part of its bytes and then fail, as on a disk that fills up. */
function fillUp(driver: DriverDouble, storedBytes: number): void {
  const { writer } = driver;
  let full = false;
  driver.writer = async (path, options) => {
    const inner = await writer.call(driver, path, options);
    return {
      get sizeBytes() {
        return inner.sizeBytes;
      },
      write: async (chunk) => {
        if (full) return await inner.write(chunk);
        full = true;
        await inner.write(chunk.subarray(0, storedBytes));
        throw noSpace(path);
      },
      close: () => inner.close(),
      commit: () => inner.commit(),
      cancel: () => inner.cancel(),
    };
  };
}

Deno.test("DriverUploadStore.append knows how much a full storage has taken, and hashes no more", async () => {
  for (const storedBytes of [0, 1, 9, 10]) {
    const driver = new DriverDouble();
    const uploads = uploadsOn(driver);
    const upload = await uploads.start("foo");
    fillUp(driver, storedBytes);

    const error = await assertRejects(
      () => uploads.append(upload, { stream: bodyOf([CONTENT]) }),
      DriverError,
    );

    assertEquals(error.code, "no_space");
    assertEquals((await uploads.find("foo", upload.id)).sizeBytes, storedBytes);
    assertEquals(await pulled(driver, DIGEST), undefined);
    const stream = bodyOf([CONTENT.subarray(storedBytes)]);
    assertEquals(await uploads.commit(upload, DIGEST, { stream, offset: storedBytes }), BLOB);
    assertEquals(await pulled(driver, DIGEST), CONTENT);
  }
});

Deno.test("DriverUploadStore.commit that finds no room for the blob keeps the upload", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await append(uploads, await uploads.start("foo"), "0123456789");
  for (const method of ["commit", "move", "putContent"] as const) {
    driver.before = (call) => {
      if (call.method === method) throw noSpace(call.path);
    };
    const error = await assertRejects(() => uploads.commit(upload, DIGEST), DriverError);
    assertEquals(error.code, "no_space");
    driver.before = () => {};
    assertEquals(await pulled(driver, DIGEST), undefined);
    if (method !== "putContent") {
      assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 10);
    }
  }
});

Deno.test("DriverUploadStore works the same over a folder of the machine", async () => {
  const rootDirectory = await Deno.makeTempDir({ prefix: "stowage-uploads-" });
  const driver = guardDriver(new FilesystemDriver({ rootDirectory }));
  try {
    const [one, other] = [uploadsOn(driver), uploadsOn(driver)];
    const upload = await append(one, await one.start("foo"), "01234");
    await refusal(other.commit(upload, DIGEST), "digest_mismatch");
    const ends = await Promise.allSettled([
      one.commit(upload, DIGEST, { stream: bodyOf(["56789"]), offset: 5 }),
      other.commit(upload, DIGEST, { stream: bodyOf(["56789"]), offset: 5 }),
    ]);
    assertEquals(ends.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assertEquals(await pulled(driver, DIGEST), CONTENT);

    const cancelled = await one.start("foo");
    const stream = bodyOf(["0"], async (controller) => {
      await other.cancel(cancelled);
      controller.close();
    });
    await one.append(cancelled, { stream }).catch((error) => {
      assert(isStoreError(error, "upload_unknown"), error.message);
    });
    await refusal(one.find("foo", cancelled.id), "upload_unknown");
    assertEquals(Object.keys(await filesOf(driver)).sort(), [
      blobDataPath(DIGEST),
      layerLinkPath("foo", DIGEST),
    ]);
    await assertRejects(() => driver.stat(uploadDataPath("foo", cancelled.id)), DriverError);
  } finally {
    await driver.close();
    await Deno.remove(rootDirectory, { recursive: true });
  }
});
