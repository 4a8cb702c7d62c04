import { assertEquals } from "@std/assert";
import type { StorageDriverConfig } from "../../../src/config/config.ts";
import { configOf, problemsOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function file(driver: string): string {
  return `version: 0.1\nstorage: {${driver}}`;
}

function driverOf(driver: string): StorageDriverConfig {
  return configOf(file(driver)).storage.driver;
}

const S3 = "bucket: b, region: eu-central-1";
const AZURE = "accountname: a, container: c";

Deno.test("resolveFilesystem raises the number of threads to 25", () => {
  for (const [given, expected] of [["10", 25], ["'200'", 200], ["25", 25]] as const) {
    assertEquals(driverOf(`filesystem: {rootdirectory: /d, maxthreads: ${given}}`), {
      name: "filesystem",
      rootDirectory: "/d",
      maxThreads: expected,
    });
  }
  assertEquals(problemsOf(file("filesystem: {maxthreads: many}")), [
    'storage.filesystem.maxthreads: Give a whole number, not "many"',
  ]);
});

Deno.test("resolveS3 fills in its defaults, under both names", () => {
  for (const name of ["s3", "s3aws"]) {
    assertEquals(driverOf(`${name}: {${S3}}`), {
      name: "s3",
      bucket: "b",
      region: "eu-central-1",
      forcePathStyle: false,
      encrypt: false,
      secure: true,
      skipVerify: false,
      v4Auth: true,
      chunkSizeBytes: 10_485_760,
      multipartCopyChunkSizeBytes: 33_554_432,
      multipartCopyMaxConcurrency: 100,
      multipartCopyThresholdSizeBytes: 33_554_432,
      rootDirectory: "",
      storageClass: "STANDARD",
      objectAcl: "private",
      useDualStack: false,
      accelerate: false,
      useFipsEndpoint: false,
      logLevel: "off",
    });
  }
});

Deno.test("resolveS3 reads every key, numbers and booleans as text too", () => {
  const driver = driverOf(`s3: {
    bucket: b, region: anywhere, accesskey: 0123, secretkey: s, regionendpoint: "http://minio:9000",
    redirectendpoint: "https://cdn.example.com", forcepathstyle: "true", encrypt: "1", keyid: k,
    secure: "f", skipverify: t, v4auth: "0", chunksize: "5242880", multipartcopychunksize: 5242880,
    multipartcopymaxconcurrency: "1", multipartcopythresholdsize: 0, rootdirectory: /r,
    storageclass: reduced_redundancy, objectacl: public-read, useragent: u, usedualstack: true,
    accelerate: true, usefipsendpoint: true, loglevel: DebugWithSigning
  }`);
  assertEquals(driver, {
    name: "s3",
    bucket: "b",
    region: "anywhere",
    accessKey: "0123",
    secretKey: "s",
    regionEndpoint: "http://minio:9000",
    redirectEndpoint: "https://cdn.example.com",
    forcePathStyle: true,
    encrypt: true,
    keyId: "k",
    secure: false,
    skipVerify: true,
    v4Auth: false,
    chunkSizeBytes: 5_242_880,
    multipartCopyChunkSizeBytes: 5_242_880,
    multipartCopyMaxConcurrency: 1,
    multipartCopyThresholdSizeBytes: 0,
    rootDirectory: "/r",
    storageClass: "REDUCED_REDUNDANCY",
    objectAcl: "public-read",
    userAgent: "u",
    useDualStack: true,
    accelerate: true,
    useFipsEndpoint: true,
    logLevel: "debugwithsigning",
  });
});

Deno.test("resolveS3 wants a bucket, a region and values in range, all told at once", () => {
  const text = file(`s3: {
    chunksize: 5242879, multipartcopychunksize: 5368709121, multipartcopymaxconcurrency: 0,
    multipartcopythresholdsize: 32MB, storageclass: COLD, objectacl: everyone, v4auth: false,
    redirectendpoint: "https://cdn.example.com/path"
  }`);
  assertEquals(rawProblemsOf(text).map(({ path }) => path.replace("storage.s3.", "")), [
    "bucket",
    "redirectendpoint",
    "chunksize",
    "multipartcopychunksize",
    "multipartcopymaxconcurrency",
    "multipartcopythresholdsize",
    "storageclass",
    "objectacl",
    "region",
    "v4auth",
  ]);
});

Deno.test("resolveS3 knows regions by their shape, unless there is an endpoint", () => {
  for (const region of ["us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-4"]) {
    assertEquals(problemsOf(file(`s3: {bucket: b, region: ${region}}`)), []);
  }
  assertEquals(problemsOf(file("s3: {bucket: b, region: useast1}")), [
    'storage.s3.region: Give a region of AWS such as "eu-central-1", not "useast1"; ' +
    "with regionendpoint any text will do",
  ]);
  assertEquals(problemsOf(file('s3: {bucket: b, regionendpoint: "http://minio:9000"}')), []);
});

Deno.test("resolveS3 uses its keys only together", () => {
  const text = file(`s3: {${S3}, accesskey: a}`);
  const driver = configOf(text).storage.driver;
  assertEquals(driver.name === "s3" && [driver.accessKey, driver.secretKey], [
    undefined,
    undefined,
  ]);
  assertEquals(warningsOf(text).length, 1);
});

Deno.test("resolveS3 logs nothing at an unknown level, as Distribution does", () => {
  for (const level of ["false", "off", "loud"]) {
    const driver = driverOf(`s3: {${S3}, loglevel: ${level}}`);
    assertEquals(driver.name === "s3" && driver.logLevel, "off");
  }
  assertEquals(warningsOf(file(`s3: {${S3}, loglevel: loud}`)).length, 1);
  assertEquals(warningsOf(file(`s3: {${S3}, loglevel: false}`)), []);
});

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

Deno.test("resolveGcs reads every key", () => {
  assertEquals(driverOf("gcs: {bucket: b}"), {
    name: "gcs",
    bucket: "b",
    rootDirectory: "",
    chunkSizeBytes: 16_777_216,
    maxConcurrency: 50,
  });
  const driver = driverOf(`gcs: {bucket: b, keyfile: /k, credentials: {type: service_account},
    rootdirectory: r, chunksize: 262144, maxconcurrency: 3, useragent: u}`);
  assertEquals(driver, {
    name: "gcs",
    bucket: "b",
    keyFile: "/k",
    credentials: { type: "service_account" },
    rootDirectory: "r",
    chunkSizeBytes: 262_144,
    maxConcurrency: 25,
    userAgent: "u",
  });
});

Deno.test("resolveGcs wants chunks of a multiple of 256 KiB", () => {
  assertEquals(problemsOf(file("gcs: {chunksize: 300000}")), [
    "storage.gcs.bucket: Add the missing key: Name of the bucket",
    "storage.gcs.chunksize: Give a multiple of 262144, not 300000",
  ]);
  assertEquals(rawProblemsOf(file("gcs: {bucket: b, chunksize: 1000}")).length, 1);
});
