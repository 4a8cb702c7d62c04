/**
 * What the S3 driver makes of stores that fail, are slow, or answer half.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { StorageDriver } from "../../../src/drivers/driver.ts";
import { S3Driver, type S3DriverOptions } from "../../../src/drivers/s3/driver.ts";
import type { S3Config } from "../../../src/config/sections/storage_s3.ts";
import {
  assertFails,
  collect,
  publish,
  readAll,
  textAt,
} from "../../contracts/storage_driver_case.ts";
import { ManualTimers } from "../../support/manual_timers.ts";
import { randomBytes } from "../../support/random_bytes.ts";
import { type Fault, S3Double } from "../../support/s3_double.ts";
import { s3Config } from "../../support/versitygw.ts";

const MIB = 1024 * 1024;

interface Scene extends AsyncDisposable {
  readonly double: S3Double;
  readonly driver: S3Driver;
  /** Another replica. */
  readonly other: S3Driver;
}

async function makeScene(
  changes: Partial<S3Config> = {},
  options: S3DriverOptions = {},
): Promise<Scene> {
  const double = await S3Double.start();
  const config = s3Config(double.url, { chunkSizeBytes: 5 * MIB, ...changes });
  const driver = new S3Driver(config, options);
  const other = new S3Driver(config, options);
  return {
    double,
    driver,
    other,
    async [Symbol.asyncDispose]() {
      await Promise.all([driver.close(), other.close()]);
      await double[Symbol.asyncDispose]();
    },
  };
}

const PASSING: readonly Fault[] = [
  { kind: "error", status: 500, code: "InternalError" },
  { kind: "error", status: 503, code: "SlowDown" },
  { kind: "reset" },
  { kind: "lost" },
];

/** Each operation, with a call that makes it. */
const OPERATIONS: Readonly<Record<string, (driver: StorageDriver) => Promise<unknown>>> = {
  GetObject: (driver) => driver.getContent("/a/file"),
  PutObject: (driver) => driver.putContent("/a/file", toBytes("content")),
  HeadObject: (driver) => driver.stat("/a/file"),
  ListObjectsV2: (driver) => driver.list("/a"),
  CopyObject: (driver) => driver.move("/a/file", "/a/moved"),
  DeleteObject: (driver) => driver.delete("/a/file"),
  DeleteObjects: (driver) => driver.delete("/a"),
  CreateMultipartUpload: writeLarge,
  UploadPart: writeLarge,
  CompleteMultipartUpload: writeLarge,
};

async function writeLarge(driver: StorageDriver): Promise<void> {
  const content = randomBytes("large", 6 * MIB);
  const writer = await driver.writer("/a/large");
  await writer.write(content);
  await publish(writer);
  assert(Buffer.from(await readAll(driver, "/a/large")).equals(content));
}

for (const [operation, call] of Object.entries(OPERATIONS)) {
  Deno.test(`S3Driver gets over a ${operation} that fails for a while`, async () => {
    for (const fault of PASSING) {
      await using scene = await makeScene();
      const { double, driver } = scene;
      await driver.putContent("/a/file", toBytes("content"));
      await driver.putContent("/a/other", toBytes("content"));
      const before = double.count(operation);
      double.fail(operation, fault);
      await call(driver);
      assert(double.count(operation) - before >= 2, JSON.stringify(fault));
    }
  });
}

Deno.test("S3Driver gives up on a store that keeps failing, and says what it answered", async () => {
  await using scene = await makeScene();
  const { double, driver } = scene;
  double.fail("GetObject", { kind: "error", status: 500, code: "InternalError" }, 100);
  const error = await assertFails(driver.getContent("/file"), "unavailable");
  assertEquals(
    error.message,
    "s3: InternalError: InternalError of the double (status 500, request REQUEST1, attempts 5)",
  );
  double.fail("PutObject", { kind: "error", status: 507, code: "XMinioStorageFull" }, 100);
  await assertFails(driver.putContent("/file", toBytes("x")), "no_space");
});

Deno.test("S3Driver.reader goes on where an answer breaks off", async () => {
  const content = randomBytes("cut", 3 * MIB);
  for (const times of [1, 4]) {
    await using scene = await makeScene();
    const { double, driver } = scene;
    await driver.putContent("/file", content);
    double.fail("GetObject", { kind: "cut", afterBytes: 700_000 }, times);
    assert(Buffer.from(await readAll(driver, "/file")).equals(content));
    double.fail("GetObject", { kind: "cut", afterBytes: 70_000 }, times);
    const part = await readAll(driver, "/file", { offset: 1000, length: 2 * MIB });
    assert(Buffer.from(part).equals(content.subarray(1000, 1000 + 2 * MIB)));
    const ranges = double.requests.map(({ headers }) => headers["range"]).filter(Boolean);
    assert(ranges.length > 2 * times, JSON.stringify(ranges));
  }
});

Deno.test("S3Driver.reader never goes on with other content", async () => {
  await using scene = await makeScene();
  const { double, driver } = scene;
  await driver.putContent("/file", randomBytes("old", 3 * MIB));
  double.fail("GetObject", { kind: "cut", afterBytes: 500_000 });
  const stream = await driver.reader("/file");
  await driver.putContent("/file", randomBytes("new", 3 * MIB));
  await assertFails(collect(stream), "unavailable");
});

Deno.test("S3Driver.reader takes no other part than it asked for", async () => {
  await using scene = await makeScene();
  const { double, driver } = scene;
  await driver.putContent("/file", randomBytes("whole", MIB));
  double.fail("GetObject", { kind: "whole" });
  await assertFails(driver.reader("/file", { offset: 1000, length: 1000 }), "unavailable");
  double.fail("GetObject", { kind: "cut", afterBytes: 500_000 });
  double.fail("GetObject", { kind: "whole" });
  await assertFails(readAll(driver, "/file"), "unavailable");
});

Deno.test("S3Driver.reader gives up where nothing ever comes", async () => {
  await using scene = await makeScene();
  const { double, driver } = scene;
  await driver.putContent("/file", randomBytes("cut", MIB));
  double.fail("GetObject", { kind: "cut", afterBytes: 0 }, 100);
  await assertFails(driver.getContent("/file"), "unavailable");
  assert(double.count("GetObject") <= 25);
});

Deno.test("S3Driver.reader asks anew where an answer falls silent", async () => {
  const timers = new ManualTimers();
  await using scene = await makeScene({}, { timers });
  const { double, driver } = scene;
  const content = randomBytes("silent", 2 * MIB);
  await driver.putContent("/file", content);
  double.fail("GetObject", { kind: "silence", afterBytes: 300_000 });
  const reading = readAll(driver, "/file");
  while (double.count("GetObject") < 2) await timers.pass(61_000);
  assert(Buffer.from(await reading).equals(content));
});

Deno.test("S3Driver.move in parts leaves nothing where a part fails", async () => {
  await using scene = await makeScene({
    multipartCopyThresholdSizeBytes: 5 * MIB,
    multipartCopyChunkSizeBytes: 5 * MIB,
    multipartCopyMaxConcurrency: 2,
  });
  const { double, driver } = scene;
  const content = randomBytes("move", 23 * MIB);
  await driver.putContent("/from", content);
  double.fail("UploadPartCopy", { kind: "error", status: 400, code: "InvalidRequest" });
  await assertFails(driver.move("/from", "/to"), "unavailable");
  assertEquals(double.uploads.size, 0);
  assert(double.count("UploadPartCopy") < 5);
  await assertFails(driver.stat("/to"), "path_not_found");
  await driver.move("/from", "/to");
  assert(Buffer.from(await readAll(driver, "/to")).equals(content));
});

Deno.test("S3Driver.writer knows how much is kept after a failure", async () => {
  await using scene = await makeScene();
  const { double, driver, other } = scene;
  const content = randomBytes("kept", 14 * MIB);
  const first = await driver.writer("/file", { append: true });
  await first.write(content.subarray(0, 2 * MIB));
  await first.close();
  const second = await driver.writer("/file", { append: true });
  const { version } = second;
  double.fail("UploadPart", { kind: "error", status: 400, code: "InvalidRequest" }, 1);
  await second.write(content.subarray(2 * MIB, 8 * MIB));
  await assertFails(second.write(content.subarray(8 * MIB, 14 * MIB)), "unavailable");
  assertEquals(second.sizeBytes, 2 * MIB);
  await assertFails(second.close(), "unavailable");
  const third = await other.writer("/file", { append: true });
  assertEquals(third.sizeBytes, 2 * MIB);
  assert(third.version !== version);
  await third.write(content.subarray(2 * MIB));
  await publish(third);
  assert(Buffer.from(await readAll(other, "/file")).equals(content));
});

Deno.test("S3Driver.writer goes on behind the parts of a replica that died", async () => {
  // What has died leaves no timer behind.
  await using scene = await makeScene({}, { timers: new ManualTimers() });
  const { double, driver, other } = scene;
  double.pageSize = 1;
  const content = randomBytes("died", 18 * MIB);
  const dying = await driver.writer("/file", { append: true });
  await dying.write(content.subarray(0, 17 * MIB));
  // The third part may still be on its way: a replica that dies does not wait for it either.
  while (double.count("UploadPart") < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  const writer = await other.writer("/file", { append: true });
  assert([10 * MIB, 15 * MIB].includes(writer.sizeBytes), String(writer.sizeBytes));
  await writer.write(content.subarray(writer.sizeBytes));
  await publish(writer);
  assert(Buffer.from(await readAll(other, "/file")).equals(content));
});

Deno.test("S3Driver.writer never completes what another replica has put in between", async () => {
  await using scene = await makeScene();
  const { double, driver, other } = scene;
  const mine = randomBytes("mine", 7 * MIB);
  const theirs = randomBytes("theirs", 7 * MIB);
  const first = await driver.writer("/file", { append: true });
  await first.write(mine);
  await first.close();
  const here = await driver.writer("/file", { append: true });
  const there = await other.writer("/file", { append: true });
  assertEquals(here.version, there.version);
  await here.write(mine);
  while (double.count("UploadPart") < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  await there.write(theirs);
  await there.close();
  const error = await assertFails(here.commit(), "unavailable");
  assert(error.message.includes("InvalidPart"), error.message);
  await here.close();
  await assertFails(driver.stat("/file"), "path_not_found");
  const last = await driver.writer("/file", { append: true });
  assert(last.version !== here.version);
  assert(last.version !== there.version);
  await last.cancel();
});

Deno.test("S3Driver.writer has a version that tells who has written last", async () => {
  await using scene = await makeScene();
  const { driver, other } = scene;
  for (const sizeBytes of [100, 6 * MIB]) {
    const path = `/file-${sizeBytes}`;
    const first = await driver.writer(path, { append: true });
    assertEquals(first.version, "");
    await first.write(randomBytes("a", sizeBytes));
    await first.close();
    const second = await driver.writer(path, { append: true });
    assertEquals(second.version, first.version);
    await second.close();
    const foreign = await other.writer(path, { append: true });
    assertEquals(foreign.version, first.version);
    await foreign.write(toBytes("x"));
    await foreign.close();
    const third = await driver.writer(path, { append: true });
    assert(third.version !== first.version);
    await third.cancel();
  }
});

Deno.test("S3Driver.delete ends the uploads that go on in a folder", async () => {
  await using scene = await makeScene();
  const { double, driver } = scene;
  const writer = await driver.writer("/uploads/1/data", { append: true });
  await writer.write(randomBytes("a", 6 * MIB));
  await writer.close();
  assertEquals(double.uploads.size, 1);
  await driver.delete("/uploads/1");
  assertEquals([double.uploads.size, double.objects.size], [0, 0]);
});

Deno.test("S3Driver.sweep ends uploads that began before a time, below its root alone", async () => {
  await using scene = await makeScene({ rootDirectory: "/root" });
  const { double, driver } = scene;
  double.pageSize = 1;
  const keys = ["root/a/old", "root/a/new", "root/b/old", "elsewhere/old", "root/a/old2"];
  for (const [index, key] of keys.entries()) {
    const startedAtMs = key.endsWith("new") ? 2000 : 1000;
    double.uploads.set(`${index}`, { key, parts: new Map(), startedAtMs });
  }
  assertEquals(await driver.sweep("/a", { startedBeforeMs: 1500 }), 2);
  assertEquals([...double.uploads.keys()], ["1", "2", "3"]);

  let waits = 0;
  const pace = () => void waits++;
  const options = { startedBeforeMs: 1500, pace };
  assertEquals(await driver.sweep("/b", { ...options, signal: AbortSignal.abort() }), 0);
  assertEquals([await driver.sweep("/b", options), waits], [1, 1]);
});

Deno.test("S3Driver makes objects as the configuration asks", async () => {
  const cases: readonly [Partial<S3Config>, Readonly<Record<string, string | undefined>>][] = [
    [{}, { "x-amz-storage-class": "STANDARD", "x-amz-acl": undefined }],
    [{ storageClass: "NONE", objectAcl: "public-read" }, {
      "x-amz-storage-class": undefined,
      "x-amz-acl": "public-read",
    }],
    [{ encrypt: true }, { "x-amz-server-side-encryption": "AES256" }],
    [{ encrypt: true, keyId: "key-1", storageClass: "STANDARD_IA" }, {
      "x-amz-server-side-encryption": "aws:kms",
      "x-amz-server-side-encryption-aws-kms-key-id": "key-1",
      "x-amz-storage-class": "STANDARD_IA",
    }],
  ];
  for (const [changes, expected] of cases) {
    await using scene = await makeScene({ ...changes, userAgent: "mine/1" });
    const { double, driver } = scene;
    await writeLarge(driver);
    await driver.putContent("/a", toBytes("a"));
    await driver.move("/a", "/b");
    const operations = ["PutObject", "CreateMultipartUpload", "CopyObject"];
    const makers = double.requests.filter(({ operation }) => operations.includes(operation));
    assertEquals(new Set(makers.map(({ operation }) => operation)).size, 3);
    for (const { headers, operation } of makers) {
      for (const [name, value] of Object.entries(expected)) {
        assertEquals(headers[name], value, `${operation} ${name}`);
      }
      assert(String(headers["user-agent"]).includes("mine/1"));
      if (operation === "PutObject") {
        assertEquals(headers["content-type"], "application/octet-stream");
      }
    }
  }
});

Deno.test("S3Driver.prepare says which setting is wrong and what the store answered", async () => {
  const cases = {
    NoSuchBucket: [404, "storage.s3.bucket"],
    PermanentRedirect: [301, "storage.s3.region"],
    AuthorizationHeaderMalformed: [400, "storage.s3.region"],
    InvalidAccessKeyId: [403, "storage.s3.accesskey"],
    SignatureDoesNotMatch: [403, "storage.s3.secretkey"],
    AccessDenied: [403, "storage.s3.accesskey, or the policy of the bucket"],
  } as const;
  for (const [code, [status, key]] of Object.entries(cases)) {
    await using scene = await makeScene();
    scene.double.fail("ListObjectsV2", { kind: "error", status, code }, 10);
    const { message } = await assertFails(scene.driver.prepare(), "unavailable");
    assert(message.startsWith(`s3: Correct ${key}: the store answered`), message);
    assert(status === 301 || message.includes(code), message);
    assert(message.includes("request REQUEST1"), message);
  }
  const nobody = new S3Driver(s3Config("http://127.0.0.1:1"));
  const { message } = await assertFails(nobody.prepare(), "unavailable");
  assert(message.startsWith("s3: Correct storage.s3.regionendpoint"), message);
  await nobody.close();
});

Deno.test("S3Driver.redirectUrl signs URLs, under another origin where one is set", async () => {
  await using scene = await makeScene({ rootDirectory: "/root" });
  const { double, driver } = scene;
  await driver.putContent("/file", toBytes("content"));
  const url = new URL(await driver.redirectUrl("/file", { method: "GET" }) ?? "");
  assertEquals(url.origin + url.pathname, `${double.url}/registry/root/file`);
  assertEquals(url.searchParams.get("X-Amz-Expires"), "1200");
  const response = await fetch(url);
  assertEquals(await response.text(), "content");
  await using elsewhere = await makeScene({ redirectEndpoint: "https://cdn.example:8443" });
  const moved = new URL(await elsewhere.driver.redirectUrl("/file", { method: "HEAD" }) ?? "");
  assertEquals(moved.origin + moved.pathname, "https://cdn.example:8443/registry/file");
});

Deno.test("S3Driver hides the states of unfinished files", async () => {
  await using scene = await makeScene();
  const { driver } = scene;
  await driver.putContent("/folder/file", toBytes("x"));
  const writer = await driver.writer("/folder/data", { append: true });
  await writer.write(toBytes("unfinished"));
  await writer.close();
  assertEquals(await driver.list("/folder"), ["/folder/file"]);
  const walked = await Array.fromAsync(driver.walk("/folder"), ({ path }) => path);
  assertEquals(walked, ["/folder/file"]);
  await assertFails(driver.stat("/folder/data"), "path_not_found");
  assertEquals((await driver.stat("/folder/data", { unfinished: true })).sizeBytes, 10);
  await driver.delete("/folder", { onlyFiles: ["data", "file"] });
  await assertFails(driver.list("/folder"), "path_not_found");
  assertEquals(await textAt(driver, "/folder/data").catch(() => "gone"), "gone");
});
