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
      chunkSizeBytes: 5_242_880,
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
