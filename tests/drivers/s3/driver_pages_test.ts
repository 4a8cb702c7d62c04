/**
 * The contract of drivers, kept on a server whose listings have pages of two entries, so that every
 * loop over pages is gone through.
 *
 * @module
 */
import { guardDriver } from "../../../src/drivers/guard.ts";
import { S3Driver } from "../../../src/drivers/s3/driver.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { S3Double } from "../../support/s3_double.ts";
import { s3Config } from "../../support/versitygw.ts";

storageDriverContract("s3 in pages of two", async () => {
  const double = await S3Double.start();
  double.pageSize = 2;
  const config = s3Config(double.url, {
    chunkSizeBytes: 5 * 1024 * 1024,
    multipartCopyThresholdSizeBytes: 8 * 1024 * 1024,
    multipartCopyChunkSizeBytes: 5 * 1024 * 1024,
    multipartCopyMaxConcurrency: 3,
  });
  const driver = guardDriver(new S3Driver(config));
  return {
    driver,
    async [Symbol.asyncDispose]() {
      await driver.close();
      await double[Symbol.asyncDispose]();
    },
  };
}, {
  skips: { "walk leaves out what vanishes meanwhile": "a listing tells of many files at once" },
});
