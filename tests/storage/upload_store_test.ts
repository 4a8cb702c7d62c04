import { assert, assertEquals, assertInstanceOf, assertMatch, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { IdleError } from "../../src/base/read_pieces.ts";
import { DriverError } from "../../src/drivers/driver.ts";
import { UPLOAD_INSTRUMENTS } from "../../src/metrics/instruments/upload_instruments.ts";
import { createMeter, type Meter } from "../../src/metrics/meter.ts";
import { sumOf } from "../../src/metrics/snapshot.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { EMPTY_DIGEST } from "../../src/oci/digest.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFiles } from "../../src/storage/blob_files.ts";
import { isStoreError, StoreError, type StoreErrorCode } from "../../src/storage/errors.ts";
import { Links } from "../../src/storage/links.ts";
import {
  blobAliasPath,
  blobDataPath,
  layerLinkPath,
  uploadDataPath,
  uploadPath,
  uploadStartedAtPath,
} from "../../src/storage/paths.ts";
import type { Upload } from "../../src/storage/store.ts";
import { DriverUploadStore } from "../../src/storage/upload_store.ts";
import { bodyOf, DriverDouble, FakeClock, filesOf, noSpace, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("0123456789");
const DIGEST = digestBytes(CONTENT);
const SHA512 = digestBytes(CONTENT, "sha512");
const BLOB = { digest: DIGEST, canonical: DIGEST, sizeBytes: 10 };

/** Uploads as one thread or replica has them. */
function uploadsOn(driver: DriverDouble, { idleTimeoutMs = 60_000, meter }: {
  readonly idleTimeoutMs?: number;
  readonly meter?: Meter;
} = {}): DriverUploadStore {
  return new DriverUploadStore({
    driver,
    files: new BlobFiles(driver, SILENT),
    layers: new Links(driver, layerLinkPath, SILENT),
    clock: new FakeClock(),
    idleTimeoutMs,
    meter,
  });
}

function append(store: DriverUploadStore, upload: Upload, text: string, offset?: number) {
  const content = { stream: bodyOf([text]), ...offset === undefined ? {} : { offset } };
  return store.append(upload, content);
}

async function refusal(call: Promise<unknown>, code: StoreErrorCode): Promise<StoreError> {
  const error = await assertRejects(() => call, StoreError);
  assert(isStoreError(error, code), error.message);
  return error;
}

/** Tells whether content was read back from where uploads are. */
function readsBack(driver: DriverDouble): boolean {
  return driver.calls.some(({ method, path }) => method === "reader" && path.endsWith("/data"));
}

Deno.test("DriverUploadStore.start gives an upload that begins now, in whole seconds", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);

  const upload = await uploads.start("foo");

  assertMatch(upload.id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assertEquals(upload.startedAtMs, Date.UTC(2026, 0, 2, 3, 4, 5));
  assertEquals(upload.sizeBytes, 0);
  assertEquals(await uploads.find("foo", upload.id), upload);
  assertEquals(await filesOf(driver), { [uploadDataPath("foo", upload.id)]: "" });
});

Deno.test("DriverUploadStore.start tells a remote storage of the time, as Distribution does", async () => {
  const driver = Object.assign(new DriverDouble(), { isRemote: true });
  const uploads = uploadsOn(driver);

  const upload = await uploads.start("foo");

  assertEquals(await uploads.find("foo", upload.id), upload);
  assertEquals(await filesOf(driver), {
    [uploadStartedAtPath("foo", upload.id)]: "2026-01-02T03:04:05Z",
  });
  const call = uploads.append({ ...upload, id: "never" }, { stream: bodyOf(["x"]) });
  await refusal(call, "upload_unknown");
  assertEquals(await uploads.commit(upload, DIGEST, { stream: bodyOf([CONTENT]) }), BLOB);
  await refusal(uploads.find("foo", upload.id), "upload_unknown");
});

Deno.test("DriverUploadStore goes on with uploads that others have begun", async () => {
  const ids = ["0197a1c2-7b1e-4c3d-9e4f-0123456789ab", "019b7ca9-8f2e-7add-a323-cfee06fc61be"];
  for (const id of ids) {
    for (const text of [undefined, "01234"]) {
      const driver = new DriverDouble();
      await driver.putContent(uploadStartedAtPath("foo", id), toBytes("2026-01-02T03:04:05Z"));
      if (text !== undefined) await driver.putContent(uploadDataPath("foo", id), toBytes(text));
      const uploads = uploadsOn(driver);

      const upload = await uploads.find("foo", id);
      const rest = { stream: bodyOf([text === undefined ? CONTENT : "56789"]) };
      const blob = await uploads.commit(upload, DIGEST, rest);

      assertEquals(upload.startedAtMs, Date.UTC(2026, 0, 2, 3, 4, 5));
      assertEquals(blob, BLOB);
      assertEquals(Object.keys(await filesOf(driver)).sort(), [
        blobDataPath(DIGEST),
        layerLinkPath("foo", DIGEST),
      ]);
    }
  }
});

Deno.test("DriverUploadStore.find knows the uploads of one repository", async () => {
  const uploads = uploadsOn(new DriverDouble());
  const { id } = await uploads.start("foo");

  const error = await refusal(uploads.find("bar", id), "upload_unknown");

  assertEquals(error.detail, { id });
});

Deno.test("DriverUploadStore.find asks the storage only for what may be an id", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const { id } = await uploads.start("foo");
  const { length } = driver.calls;

  for (
    const odd of ["", ".", "..", `../_uploads/${id}`, `${id}/`, "a b", "\u0000", "ä", "a=", "_"]
  ) {
    await refusal(uploads.find("foo", odd), "upload_unknown");
  }
  assertEquals(driver.calls.length, length);
});

Deno.test("DriverUploadStore.find takes an upload whose start is damaged for none", async () => {
  const driver = new DriverDouble();
  for (const text of ["", "yesterday"]) {
    await driver.putContent(uploadStartedAtPath("foo", "id"), toBytes(text));
    await refusal(uploadsOn(driver).find("foo", "id"), "upload_unknown");
  }
});

Deno.test("DriverUploadStore.append adds to what is there, and commit makes it a blob", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await uploads.start("foo");

  const first = await append(uploads, upload, "01234");
  const second = await append(uploads, first, "56789", 5);
  const found = await uploads.find("foo", upload.id);
  const blob = await uploads.commit(second, DIGEST);

  assertEquals([first.sizeBytes, second.sizeBytes, found.sizeBytes], [5, 10, 10]);
  assertEquals(blob, BLOB);
  assertEquals(await filesOf(driver), {
    [blobDataPath(DIGEST)]: "0123456789",
    [layerLinkPath("foo", DIGEST)]: DIGEST,
  });
  await refusal(uploads.find("foo", upload.id), "upload_unknown");
});

Deno.test("DriverUploadStore.commit brings the last content along, or all of it", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);

  const whole = await uploads.start("foo");
  assertEquals(await uploads.commit(whole, DIGEST, { stream: bodyOf(["0123", "456789"]) }), BLOB);
  const parts = await append(uploads, await uploads.start("bar"), "0123");
  const last = { stream: bodyOf(["456789"]), offset: 4, length: 6 };
  assertEquals(await uploads.commit(parts, DIGEST, last), BLOB);

  assertEquals(readsBack(driver), false);
});

Deno.test("DriverUploadStore.commit takes the empty blob, with and without a body", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const empty = { digest: EMPTY_DIGEST, canonical: EMPTY_DIGEST, sizeBytes: 0 };

  assertEquals(await uploads.commit(await uploads.start("foo"), EMPTY_DIGEST), empty);
  const content = { stream: bodyOf([]) };
  assertEquals(await uploads.commit(await uploads.start("bar"), EMPTY_DIGEST, content), empty);

  assertEquals((await driver.stat(blobDataPath(EMPTY_DIGEST))).sizeBytes, 0);
});

Deno.test("DriverUploadStore.commit takes many bytes in one go, whatever their pieces are", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const content = new Uint8Array(2_500_000).map((_, place) => place * 7 + (place >> 8));
  for (const pieceBytes of [1_000, 65_536, 2_500_000]) {
    const pieces = [];
    for (let start = 0; start < content.length; start += pieceBytes) {
      pieces.push(content.subarray(start, start + pieceBytes));
    }
    const upload = await uploads.start(`foo/${pieceBytes}`);
    driver.calls.length = 0;
    await uploads.commit(upload, digestBytes(content), { stream: bodyOf(pieces) });
    // Large pieces: what costs is the number of calls, and no piece is larger than 256 KiB.
    assertEquals(driver.calls.filter(({ method }) => method === "write").length, 10);
  }

  assertEquals(await driver.getContent(blobDataPath(digestBytes(content))), content);
});

Deno.test("DriverUploadStore.commit does not move the same content twice", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const push = async (repository: string) => {
    const upload = await uploads.start(repository);
    await uploads.commit(upload, DIGEST, { stream: bodyOf([CONTENT]) });
  };
  await push("foo");
  driver.calls.length = 0;

  await push("foo");
  await push("bar");

  assertEquals(driver.called("move", blobDataPath(DIGEST)), false);
  assertEquals(Object.keys(await filesOf(driver)).sort(), [
    blobDataPath(DIGEST),
    layerLinkPath("bar", DIGEST),
    layerLinkPath("foo", DIGEST),
  ]);
});

Deno.test("DriverUploadStore.commit refuses another digest, and the upload goes on", async () => {
  for (const other of [toBytes("other"), new Uint8Array(0)]) {
    for (const algorithm of ["sha256", "sha384", "sha512"] as const) {
      const driver = new DriverDouble();
      const uploads = uploadsOn(driver);
      const upload = await append(uploads, await uploads.start("foo"), "01234");
      const expected = digestBytes(other, algorithm);

      const error = await refusal(
        uploads.commit(upload, expected, { stream: bodyOf(["56789"]) }),
        "digest_mismatch",
      );

      assertEquals(error.detail, { expected });
      assertEquals(Object.keys(await filesOf(driver)).sort(), [
        uploadDataPath("foo", upload.id),
      ]);
      assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 10);
      assertEquals(await uploads.commit(upload, DIGEST), BLOB);
    }
  }
});

Deno.test("DriverUploadStore.commit by an alias stores once, and names both digests", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);

  const upload = await uploads.start("foo", { algorithm: "sha512" });
  const blob = await uploads.commit(upload, SHA512, { stream: bodyOf([CONTENT]) });

  assertEquals(blob, { ...BLOB, digest: SHA512 });
  assertEquals(readsBack(driver), false);
  assertEquals(await filesOf(driver), {
    [blobDataPath(DIGEST)]: "0123456789",
    [blobAliasPath(SHA512)]: DIGEST,
    [layerLinkPath("foo", DIGEST)]: DIGEST,
    [layerLinkPath("foo", SHA512)]: DIGEST,
  });
});

/** The algorithm that was named at the start, and the digest that is given at the end. */
const UNANNOUNCED: readonly (readonly ["sha256" | "sha384" | "sha512", Digest])[] = [
  ["sha256", SHA512],
  ["sha384", SHA512],
  ["sha512", digestBytes(CONTENT, "sha384")],
];

for (const [algorithm, digest] of UNANNOUNCED) {
  const name = `${digest.slice(0, 6)} where ${algorithm} was announced`;
  Deno.test(`DriverUploadStore.commit reads back for a digest it did not expect: ${name}`, async () => {
    const driver = new DriverDouble();
    const uploads = uploadsOn(driver);
    const upload = await uploads.start("foo", { algorithm });

    const blob = await uploads.commit(upload, digest, { stream: bodyOf([CONTENT]) });

    assertEquals(blob, { ...BLOB, digest });
    assertEquals(readsBack(driver), true);
  });
}

Deno.test("DriverUploadStore.commit does not read back for sha256, whatever was announced", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await uploads.start("foo", { algorithm: "sha512" });

  assertEquals(await uploads.commit(upload, DIGEST, { stream: bodyOf([CONTENT]) }), BLOB);

  assertEquals(readsBack(driver), false);
});

Deno.test("DriverUploadStore.append refuses what does not continue the upload, and reads none of it", async () => {
  const uploads = uploadsOn(new DriverDouble());
  const upload = await append(uploads, await uploads.start("foo"), "01234");

  for (const offset of [0, 4, 6, 2 ** 53]) {
    for (const end of ["append", "commit"] as const) {
      const content = { stream: bodyOf(["56789"]), offset };
      const call = end === "append"
        ? uploads.append(upload, content)
        : uploads.commit(upload, DIGEST, content);
      const error = await refusal(call, "range_mismatch");
      assertEquals(error.detail, { sizeBytes: 5 });
      assertEquals(content.stream.locked, false);
    }
  }
  assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 5);
  assertEquals(await uploads.commit(upload, DIGEST, { stream: bodyOf(["56789"]) }), BLOB);
});

Deno.test("DriverUploadStore.append refuses a body of another length than was announced", async () => {
  for (const [text, length] of [["0123", 5], ["0123", 3], ["0123", 0], ["", 1]] as const) {
    const uploads = uploadsOn(new DriverDouble());
    const upload = await uploads.start("foo");

    const content = { stream: bodyOf([text]), length };
    const error = await refusal(uploads.append(upload, content), "size_mismatch");

    assertEquals(error.detail, { expectedBytes: length, receivedBytes: text.length });
  }
});

Deno.test("DriverUploadStore.append and commit know no upload that has ended", async () => {
  const uploads = uploadsOn(new DriverDouble());
  const cancelled = await append(uploads, await uploads.start("foo"), "01234");
  await uploads.cancel(cancelled);
  await uploads.cancel(cancelled);
  const committed = await append(uploads, await uploads.start("foo"), "0123456789");
  await uploads.commit(committed, DIGEST);

  for (const upload of [cancelled, committed, { ...committed, id: "never" }]) {
    await refusal(append(uploads, upload, "x"), "upload_unknown");
    await refusal(uploads.commit(upload, DIGEST), "upload_unknown");
  }
});

Deno.test("DriverUploadStore.cancel forgets the content, and nothing else", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const [one, other] = [await uploads.start("foo"), await uploads.start("foo")];
  for (const upload of [one, other]) await append(uploads, upload, "01234");

  await uploads.cancel(one);

  assertEquals(Object.keys(await filesOf(driver)).sort(), [
    uploadDataPath("foo", other.id),
  ]);
  await assertRejects(() => driver.stat(uploadPath("foo", one.id)), DriverError);
});

Deno.test("DriverUploadStore.append keeps what had arrived when the client goes away", async () => {
  for (const end of ["append", "commit"] as const) {
    const driver = new DriverDouble();
    const uploads = uploadsOn(driver);
    const upload = await uploads.start("foo");
    const reset = new Error("connection reset");
    const stream = bodyOf(["01", "234"], (controller) => controller.error(reset));

    const call = end === "append"
      ? uploads.append(upload, { stream })
      : uploads.commit(upload, DIGEST, { stream, length: 10 });
    const error = await refusal(call, "upload_interrupted");

    assertEquals(error.cause, reset);
    assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 5);
    const rest = { stream: bodyOf(["56789"]), offset: 5 };
    assertEquals(await uploads.commit(upload, DIGEST, rest), BLOB);
    assertEquals(readsBack(driver), false);
  }
});

Deno.test("DriverUploadStore.append gives up on a client that sends nothing for too long", async () => {
  const uploads = uploadsOn(new DriverDouble(), { idleTimeoutMs: 20 });
  const upload = await uploads.start("foo");
  const { promise: cancelled, resolve } = Promise.withResolvers<boolean>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(toBytes("01234")),
    cancel: () => resolve(true),
  });

  const error = await refusal(uploads.append(upload, { stream }), "upload_interrupted");

  assertInstanceOf(error.cause, IdleError);
  assert(await cancelled);
  assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 5);
  assertEquals(await uploads.commit(upload, DIGEST, { stream: bodyOf(["56789"]) }), BLOB);
});

Deno.test("DriverUploadStore.append tells a full storage from a client that goes away", async () => {
  const driver = new DriverDouble();
  const uploads = uploadsOn(driver);
  const upload = await append(uploads, await uploads.start("foo"), "01234");
  driver.before = ({ method, path }) => {
    if (method === "write") throw noSpace(path);
  };

  const error = await assertRejects(() => append(uploads, upload, "56789"), DriverError);
  await assertRejects(
    () => uploads.commit(upload, DIGEST, { stream: bodyOf(["56789"]) }),
    DriverError,
  );

  assertEquals(error.code, "no_space");
  driver.before = () => {};
  assertEquals((await uploads.find("foo", upload.id)).sizeBytes, 5);
  assertEquals(await uploads.commit(upload, DIGEST, { stream: bodyOf(["56789"]) }), BLOB);
});

Deno.test("DriverUploadStore counts the bytes that come in, those of a broken body included", async () => {
  const meter = createMeter();
  const uploads = uploadsOn(new DriverDouble(), { meter });
  const upload = await uploads.start("foo");

  await append(uploads, upload, "01234");
  await assertRejects(() => uploads.append(upload, { stream: bodyOf(["56"]), length: 5 }));

  assertEquals(sumOf(meter.snapshot(), UPLOAD_INSTRUMENTS.bytes), 7);
});
