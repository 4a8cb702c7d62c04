import { assertEquals } from "@std/assert";
import type { StorageDriverConfig } from "../../../src/config/config.ts";
import { configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

function file(driver: string): string {
  return `version: 0.1\nstorage: {${driver}}`;
}

function driverOf(driver: string): StorageDriverConfig {
  return configOf(file(driver)).storage.driver;
}

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
