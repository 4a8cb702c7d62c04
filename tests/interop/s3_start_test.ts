/**
 * What the program says where its settings for S3 are wrong, by a real store.
 *
 * @module
 */
import { assertRejects } from "@std/assert";
import { startRegistry } from "../support/servers.ts";
import { TempFolder } from "../support/temp.ts";
import { testWith } from "../support/tools.ts";
import { s3Storage, startGateway } from "../support/versitygw.ts";

/** Settings that are wrong, and the key that the program must name. */
const WRONG: readonly { readonly settings: Record<string, string>; readonly says: string }[] = [
  { settings: { bucket: "missing" }, says: "storage.s3.bucket: the store answered NoSuchBucket" },
  { settings: { secretkey: "wrong" }, says: "storage.s3.secretkey: the store answered" },
  { settings: { accesskey: "wrong" }, says: "storage.s3.accesskey: the store answered" },
  { settings: { regionendpoint: "http://127.0.0.1:1" }, says: "storage.s3.regionendpoint" },
  { settings: { region: "eu-north-1" }, says: "storage.s3.region: the store answered" },
];

testWith(["versitygw"], {
  name: "serve names the setting of S3 that is wrong, and ends",
  fn: async () => {
    await using temp = await TempFolder.make();
    await using gateway = await startGateway();
    for (const { settings, says } of WRONG) {
      const config = { storage: s3Storage(gateway.url, settings) };
      const starting = startRegistry("stowage", { folder: temp.path, config });
      await assertRejects(() => starting, Error, says);
    }
  },
});
