/**
 * The contract of drivers, kept on a real S3 server.
 *
 * @module
 */
import { guardDriver } from "../../../src/drivers/guard.ts";
import { S3Driver } from "../../../src/drivers/s3/driver.ts";
import { storageDriverContract } from "../../contracts/storage_driver.ts";
import { s3Config, startGateway } from "../../support/versitygw.ts";

const GATEWAY_SKIPS = {
  "walk leaves out what vanishes meanwhile": "a listing tells of a thousand files at once",
} as const;

storageDriverContract("s3 on versitygw", async () => {
  const gateway = await startGateway();
  const driver = guardDriver(
    new S3Driver(
      s3Config(gateway.url, { rootDirectory: "/some/root/", chunkSizeBytes: 5 * 1024 * 1024 }),
    ),
  );
  return {
    driver,
    async [Symbol.asyncDispose]() {
      await driver.close();
      await gateway[Symbol.asyncDispose]();
    },
  };
}, { needs: ["versitygw"], skips: GATEWAY_SKIPS });
