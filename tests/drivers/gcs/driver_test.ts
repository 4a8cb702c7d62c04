import { Buffer } from "node:buffer";
import { generateKeyPairSync } from "node:crypto";
import { assertEquals, assertMatch } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { GcsConfig } from "../../../src/config/sections/storage_gcs.ts";
import { GcsDriver } from "../../../src/drivers/gcs/driver.ts";
import { guardDriver } from "../../../src/drivers/guard.ts";
import { assertFails } from "../../contracts/storage_driver_case.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { startFakeGcs } from "../../support/fake_gcs.ts";
import { randomBytes } from "../../support/random_bytes.ts";
import { findProgram, testWith } from "../../support/tools.ts";

const needs = ["fake-gcs-server"] as const;

/** One server for all cases; each has a bucket of its own. */
const server = needs.every((program) => findProgram(program)) ? await startFakeGcs() : undefined;
globalThis.addEventListener("unload", () => {
  if (server?.process.isRunning) Deno.kill(server.process.pid);
});

async function makeDriver() {
  const config = await bucketConfig();
  const driver = new GcsDriver({ ...config, rootDirectory: "/some/root/" });
  await driver.prepare();
  return guardDriver(driver);
}

storageDriverContract("gcs", async () => {
  const driver = await makeDriver();
  return { driver, [Symbol.asyncDispose]: () => driver.close() };
}, {
  needs,
  skips: { "walk leaves out what vanishes meanwhile": "a listing tells of a whole folder at once" },
});

testWith(needs, {
  name: "GcsDriver goes on with an upload that another replica has begun, by parts and by a tail",
  async fn() {
    const config = await bucketConfig();
    const [one, other] = [new GcsDriver(config), new GcsDriver(config)];
    const pieces = [3, 600 * 1024, 0, 256 * 1024 - 3, 1].map((size, index) =>
      randomBytes(`piece ${index}`, size)
    );
    let sizeBytes = 0;
    let version: string | undefined = "";
    for (const [index, piece] of pieces.entries()) {
      const writer = await (index % 2 === 0 ? one : other).writer("/upload", { append: true });
      assertEquals([writer.sizeBytes, writer.version], [sizeBytes, version]);
      await writer.write(piece);
      await writer.close();
      version = writer.version;
      sizeBytes += piece.byteLength;
      const info = await one.stat("/upload", { unfinished: true });
      assertEquals([info.sizeBytes, info.isDirectory], [sizeBytes, false]);
      await assertFails(other.stat("/upload", { fileOnly: true }), "path_not_found");
      await assertFails(other.getContent("/upload"), "path_not_found");
      assertEquals(await other.list("/"), []);
    }
    const last = await one.writer("/upload", { append: true });
    await last.commit();
    await one.move("/upload", "/blob");
    await last.close();
    assertEquals(Buffer.concat(pieces).equals(await other.getContent("/blob")), true);
    assertEquals(await other.list("/"), ["/blob"]);
  },
});

testWith(needs, {
  name: "GcsDriver.writer lets two replicas not mix: the second one fails",
  async fn() {
    const config = await bucketConfig();
    const [one, other] = [new GcsDriver(config), new GcsDriver(config)];
    const [first, second] = [
      await one.writer("/upload", { append: true }),
      await other.writer("/upload", { append: true }),
    ];
    await first.write(toBytes("first"));
    await first.close();
    await second.write(toBytes("other"));
    await assertFails(second.close(), "unavailable");
    const next = await other.writer("/upload", { append: true });
    assertEquals([next.sizeBytes, next.version === first.version], [5, true]);
    await next.cancel();
    await assertFails(one.stat("/upload", { unfinished: true }), "path_not_found");
  },
});

testWith(needs, {
  name: "GcsDriver.prepare says which setting is wrong, and what the store answered",
  async fn() {
    const config = await bucketConfig();
    const cases: readonly (readonly [Partial<GcsConfig>, RegExp])[] = [
      [{ bucket: "missing" }, /^gcs: Correct storage\.gcs\.bucket: .*status 404/],
      [{ keyFile: "/does/not/exist.json" }, /storage\.gcs\.keyfile/],
      [{ credentials: { client_email: "a@b", private_key: "no key" } }, /storage\.gcs\.keyfile/],
      [{ endpoint: "http://127.0.0.1:1" }, /^gcs: Correct storage\.gcs\.endpoint, or the network/],
    ];
    for (const [changes, message] of cases) {
      const driver = new GcsDriver({ ...config, ...changes });
      const error = await assertFails(driver.prepare(), "unavailable");
      assertMatch(error.message, message);
      assertEquals(error.message.includes("\n"), false);
      assertEquals(error.message.includes("no key"), false);
    }
  },
});

testWith(needs, {
  name: "GcsDriver.redirectUrl signs for GET where it has a key, and serves all else itself",
  async fn() {
    const config = await bucketConfig();
    const keyless = new GcsDriver(config);
    assertEquals(await keyless.redirectUrl("/blob", { method: "GET" }), undefined);

    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const credentials = {
      type: "service_account",
      client_email: "registry@example.iam.gserviceaccount.com",
      private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    };
    const { warn } = console;
    const warnings: unknown[] = [];
    console.warn = (...words: unknown[]) => void warnings.push(words);
    const driver = new GcsDriver({ ...config, credentials, rootDirectory: "root" });
    const url = new URL(await driver.redirectUrl("/blob", { method: "GET" }) ?? "");
    console.warn = warn;
    assertEquals(warnings, []);
    assertEquals(url.pathname, `/${config.bucket}/root/blob`);
    assertEquals(url.searchParams.get("X-Goog-Expires"), "1200");
    assertMatch(url.searchParams.get("X-Goog-Credential") ?? "", /^registry@example/);
    assertEquals(await driver.redirectUrl("/blob", { method: "HEAD" }), undefined);
  },
});

async function bucketConfig(): Promise<GcsConfig> {
  if (server === undefined) throw new Error("There is no server");
  return await server.makeBucket();
}
