import { assertEquals } from "@std/assert";
import type { StorageDriverConfig } from "../../../src/config/config.ts";
import { configOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function file(driver: string): string {
  return `version: 0.1\nstorage: {${driver}}`;
}

function driverOf(driver: string): StorageDriverConfig {
  return configOf(file(driver)).storage.driver;
}

const AZURE = "accountname: a, container: c";

Deno.test("resolveAzure reads every key", () => {
  const driver = driverOf(`azure: {${AZURE}, accountkey: k, realm: example.net, rootdirectory: /r,
    max_retries: -1, retry_delay: 1s, skipverify: true}`);
  assertEquals(driver, {
    name: "azure",
    accountName: "a",
    container: "c",
    credentials: { type: "shared_key", accountKey: "k" },
    realm: "example.net",
    serviceUrl: "https://a.blob.example.net",
    rootDirectory: "/r",
    maxRetries: -1,
    retryDelayMs: 1000,
    skipVerify: true,
  });
});

Deno.test("resolveAzure reads every kind of credentials", () => {
  const secret = driverOf(
    `azure: {${AZURE}, credentials: {type: client_secret, clientid: i, tenantid: t, secret: s}}`,
  );
  assertEquals(secret.name === "azure" && secret.credentials, {
    type: "client_secret",
    clientId: "i",
    tenantId: "t",
    secret: "s",
  });
  const own = driverOf(`azure: {${AZURE}, credentials: {type: default_credentials}}`);
  assertEquals(own.name === "azure" && own.credentials, { type: "default_credentials" });
});

Deno.test("resolveAzure tells what its credentials lack", () => {
  const pathsOf = (text: string) =>
    rawProblemsOf(file(`azure: {${AZURE}, ${text}}`)).map(({ path }) =>
      path.replace("storage.azure.", "")
    );
  assertEquals(pathsOf("realm: x"), ["credentials.type"]);
  assertEquals(pathsOf("credentials: {type: shared_key}"), ["accountkey"]);
  assertEquals(pathsOf("credentials: {type: client_secret, clientid: i}"), [
    "credentials.tenantid",
    "credentials.secret",
  ]);
  assertEquals(rawProblemsOf(file("azure: {accountkey: k}")).map(({ path }) => path), [
    "storage.azure.accountname",
    "storage.azure.container",
  ]);
});

Deno.test("resolveAzure names the connection string as obsolete", () => {
  const text = file(`azure: {${AZURE}, accountkey: k, connectionstring: hunter2}`);
  const [warning] = warningsOf(text);
  assertEquals(warning?.startsWith("storage.azure.connectionstring: Remove"), true);
});
