import { assertEquals, assertFalse, assertRejects } from "@std/assert";
import { toBytes } from "../../src/base/bytes.ts";
import { applyChanges, DriverError } from "../../src/drivers/driver.ts";
import { digestBytes } from "../../src/oci/digester.ts";
import { BlobFiles, type ContentFile } from "../../src/storage/blob_files.ts";
import type { ContentDigests } from "../../src/storage/content_digester.ts";
import { blobAliasPath, blobDataPath } from "../../src/storage/paths.ts";
import { dieAfter, DriverDouble, filesOf, messages, recordLog, SILENT } from "./_doubles.ts";

const CONTENT = toBytes("0123456789");
const CANONICAL = digestBytes(CONTENT);
const ALIAS = digestBytes(CONTENT, "sha512");
const PLAIN = { canonical: CANONICAL, digest: CANONICAL };
const ALIASED = { canonical: CANONICAL, digest: ALIAS };

function filesOn(driver: DriverDouble): BlobFiles {
  return new BlobFiles(driver, SILENT);
}

async function write(
  driver: DriverDouble,
  digests: ContentDigests,
  content: Uint8Array,
): Promise<void> {
  await applyChanges(driver, await filesOn(driver).toWrite(digests, content));
}

async function adopt(
  driver: DriverDouble,
  digests: ContentDigests,
  file: ContentFile,
): Promise<void> {
  await applyChanges(driver, await filesOn(driver).toAdopt(digests, file));
}

Deno.test("BlobFiles.toWrite stores content under its canonical digest, and names its alias", async () => {
  const driver = new DriverDouble();
  const files = filesOn(driver);

  await write(driver, ALIASED, CONTENT);

  assertEquals(await files.size(CANONICAL), 10);
  assertEquals(await files.read(CANONICAL), CONTENT);
  assertEquals(await files.canonical(ALIAS), CANONICAL);
  assertEquals(await files.canonical(CANONICAL), CANONICAL);
  assertEquals(await filesOf(driver), {
    [blobDataPath(CANONICAL)]: "0123456789",
    [blobAliasPath(ALIAS)]: CANONICAL,
  });
});

Deno.test("BlobFiles knows nothing of what is not stored", async () => {
  const files = filesOn(new DriverDouble());

  assertEquals(await files.size(CANONICAL), undefined);
  assertEquals(await files.read(CANONICAL), undefined);
  assertEquals(await files.canonical(ALIAS), undefined);
  await assertRejects(() => files.open(CANONICAL), DriverError, "Path not found");
});

Deno.test("BlobFiles.size takes a folder in the place of content for nothing", async () => {
  const driver = new DriverDouble();
  await driver.putContent(`${blobDataPath(CANONICAL)}/odd`, CONTENT);

  assertEquals(await filesOn(driver).size(CANONICAL), undefined);
});

Deno.test("BlobFiles.canonical passes over a damaged alias, and tells the operator", async () => {
  const driver = new DriverDouble();
  const { log, records } = recordLog();
  await driver.putContent(blobAliasPath(ALIAS), toBytes("sha256:"));

  assertEquals(await new BlobFiles(driver, log).canonical(ALIAS), undefined);
  assertEquals(messages(records), ["warning: ignored a damaged link"]);
});

Deno.test("BlobFiles.toWrite leaves alone what is stored, and mends what is damaged", async () => {
  const driver = new DriverDouble();
  const files = filesOn(driver);
  await write(driver, PLAIN, CONTENT);
  const { length } = driver.changes;

  await write(driver, PLAIN, CONTENT);
  assertEquals(driver.changes.length, length);

  for (const damaged of [CONTENT.subarray(0, 4), new Uint8Array(0), toBytes("012345678X")]) {
    await driver.putContent(blobDataPath(CANONICAL), damaged);
    await write(driver, PLAIN, CONTENT);
    assertEquals(await files.read(CANONICAL), CONTENT);
  }
});

Deno.test("BlobFiles.toWrite that was cut short leaves no alias without its content", async () => {
  const driver = new DriverDouble();
  dieAfter(driver, 1);

  await assertRejects(() => write(driver, ALIASED, CONTENT), DriverError);

  driver.before = () => {};
  assertEquals(await filesOf(driver), { [blobDataPath(CANONICAL)]: "0123456789" });
});

Deno.test("BlobFiles.toAdopt moves a file into its place", async () => {
  const driver = new DriverDouble();
  await driver.putContent("/upload", CONTENT);

  await adopt(driver, ALIASED, { path: "/upload", sizeBytes: 10 });

  assertEquals(await filesOf(driver), {
    [blobDataPath(CANONICAL)]: "0123456789",
    [blobAliasPath(ALIAS)]: CANONICAL,
  });
});

Deno.test("BlobFiles.toAdopt does not touch what is stored, unless that is cut short", async () => {
  const driver = new DriverDouble();
  const files = filesOn(driver);
  await write(driver, PLAIN, CONTENT);
  await driver.putContent("/upload", CONTENT);

  await adopt(driver, PLAIN, { path: "/upload", sizeBytes: 10 });
  assertFalse(driver.called("move", blobDataPath(CANONICAL)));

  await driver.putContent(blobDataPath(CANONICAL), CONTENT.subarray(0, 4));
  await adopt(driver, PLAIN, { path: "/upload", sizeBytes: 10 });
  assertEquals(await files.read(CANONICAL), CONTENT);
});

Deno.test("BlobFiles.toAdopt ends the writer of a file, whether or not it is needed", async () => {
  const driver = new DriverDouble();
  for (const path of ["/first", "/second"]) {
    const writer = await driver.writer(path);
    await writer.write(CONTENT);
    await adopt(driver, PLAIN, { path, sizeBytes: 10, writer });
    await writer.close();
  }

  assertEquals(await filesOn(driver).read(CANONICAL), CONTENT);
  assertEquals(driver.changes.filter((change) => !change.startsWith("write")), [
    "commit /first",
    `move ${blobDataPath(CANONICAL)}`,
    "commit /second",
  ]);
});

Deno.test("BlobFiles.open reads the whole or a part", async () => {
  const driver = new DriverDouble();
  const files = filesOn(driver);
  await write(driver, PLAIN, CONTENT);
  const text = async (part?: { offset: number; length: number }) =>
    await new Response(await files.open(CANONICAL, part)).text();

  assertEquals(await text(), "0123456789");
  assertEquals(await text({ offset: 3, length: 4 }), "3456");
});

Deno.test("BlobFiles.redirectUrl asks the driver about the content itself", async () => {
  const files = filesOn(new DriverDouble());

  assertEquals(
    await files.redirectUrl(CANONICAL, { method: "HEAD" }),
    `https://storage.test${blobDataPath(CANONICAL)}?method=HEAD`,
  );
});
