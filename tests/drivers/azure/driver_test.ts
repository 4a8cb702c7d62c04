import { assertEquals, assertMatch } from "@std/assert";
import { toBytes } from "../../../src/base/bytes.ts";
import type { AzureConfig } from "../../../src/config/sections/storage_azure.ts";
import { openAccount } from "../../../src/drivers/azure/_account.ts";
import { AzureDriver } from "../../../src/drivers/azure/driver.ts";
import { guardDriver } from "../../../src/drivers/guard.ts";
import { append, assertFails, textAt } from "../../contracts/storage_driver_case.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { startAzurite } from "../../support/azurite.ts";
import { findProgram, testWith } from "../../support/tools.ts";

const needs = ["azurite-blob"] as const;

/** One server for all cases, for it takes a second to start; each case has a container of its own. */
const server = needs.every((program) => findProgram(program)) ? await startAzurite() : undefined;
globalThis.addEventListener("unload", () => {
  if (server?.process.isRunning) Deno.kill(server.process.pid);
});

async function makeDriver() {
  if (server === undefined) throw new Error("There is no server");
  const config = await server.makeContainer();
  const driver = new AzureDriver({ ...config, rootDirectory: "/some/root/" });
  await driver.prepare();
  return guardDriver(driver);
}

storageDriverContract("azure", async () => {
  const driver = await makeDriver();
  return { driver, [Symbol.asyncDispose]: () => driver.close() };
}, {
  needs,
  skips: { "walk leaves out what vanishes meanwhile": "a listing tells of a whole folder at once" },
});

testWith(needs, {
  name: "AzureDriver.redirectUrl leads whoever has it to the content, and nobody else",
  async fn() {
    const driver = await makeDriver();
    await driver.putContent("/blob", toBytes("content"));
    const url = await driver.redirectUrl("/blob", { method: "GET" }) ?? "";

    const whole = await fetch(url);
    const part = await fetch(url, { headers: { range: "bytes=3-" } });
    const stranger = await fetch(url.split("?")[0] ?? "");

    assertEquals([await whole.text(), await part.text()], ["content", "tent"]);
    await stranger.body?.cancel();
    assertEquals([403, 404].includes(stranger.status), true);
    const seconds = Date.parse(new URL(url).searchParams.get("se") ?? "") - Date.now();
    assertEquals(Math.round(seconds / 60_000), 20);
  },
});

testWith(needs, {
  name: "AzureDriver.prepare says which setting is wrong, and what the store answered",
  async fn() {
    const config = await (server ?? await startAzurite()).makeContainer();
    const accountKey = btoa("another key");
    const cases: readonly (readonly [Partial<AzureConfig>, RegExp])[] = [
      [{ container: "missing" }, /^azure: Correct storage\.azure\.container: .*ContainerNotFound/],
      [
        { credentials: { type: "shared_key", accountKey } },
        /storage\.azure\.accountkey.*status 403/,
      ],
      [
        { accountName: "other", serviceUrl: config.serviceUrl.replace(/[^/]+$/, "other") },
        /storage/,
      ],
      [{ serviceUrl: "http://127.0.0.1:1/a" }, /storage\.azure\.accountname, realm or serviceurl/],
    ];
    for (const [changes, message] of cases) {
      const driver = new AzureDriver({ ...config, ...changes });
      const error = await assertFails(driver.prepare(), "unavailable");
      assertMatch(error.message, message);
      assertEquals(error.message.includes("\n"), false);
      assertEquals(error.message.includes(accountKey), false);
    }
  },
});

testWith(needs, {
  name: "AzureDriver serves what Distribution 2 has left, whose names begin with a slash",
  async fn() {
    const config = await (server ?? await startAzurite()).makeContainer();
    const { container } = openAccount(config);
    const path = "/docker/registry/v2/file";
    await container.getBlockBlobClient(path).upload("old", 3);

    const driver = new AzureDriver(config);
    await driver.prepare();

    assertEquals(await textAt(driver, path), "old");
    await driver.putContent("/docker/registry/v2/new", toBytes("new"));
    assertEquals(await container.getBlobClient("/docker/registry/v2/new").exists(), true);
  },
});

testWith(needs, {
  name: "AzureDriver.writer lets two replicas not mix: the second one fails",
  async fn() {
    const config = await (server ?? await startAzurite()).makeContainer();
    const [one, other] = [new AzureDriver(config), new AzureDriver(config)];
    for (const start of ["", "begun"]) {
      const path = `/upload${start}`;
      const [first, second] = [
        await one.writer(path, { append: true }),
        await other.writer(path, { append: true }),
      ];
      await first.write(toBytes("first"));
      await first.close();
      await second.write(toBytes("other"));
      await assertFails(second.close(), "unavailable");
      const next = await other.writer(path, { append: true });
      assertEquals([next.sizeBytes, next.version === first.version], [5, true]);
      await next.close();
      assertEquals(await textAt(one, path), "first");
    }
  },
});

testWith(needs, {
  name:
    "AzureDriver appends to what was written at once, and writes at once over what was appended",
  async fn() {
    const driver = await makeDriver();
    await driver.putContent("/file", toBytes("one "));
    await append(driver, "/file", toBytes("two"));
    assertEquals(await textAt(driver, "/file"), "one two");
    await driver.putContent("/file", toBytes("three"));
    assertEquals(await textAt(driver, "/file"), "three");
    await append(driver, "/upload", toBytes("moved"));
    await driver.move("/upload", "/file");
    assertEquals(await textAt(driver, "/file"), "moved");
  },
});
