import { createPrivateKey } from "node:crypto";
import { getSignedUrl } from "@aws-sdk/cloudfront-signer";
import type { CloudFrontConfig } from "../../config/sections/middleware.ts";
import { DriverError, type StorageDriver } from "../driver.ts";
import { AwsAddresses } from "./_aws_addresses.ts";
import type { MiddlewareContext } from "./middleware.ts";
import { RedirectingDriver } from "./_redirecting_driver.ts";

/**
 * Sends clients to CloudFront with signed URLs; those in AWS, where the configuration says so, to S3.
 *
 * @throws {DriverError} unavailable: the key cannot be read
 */
export async function wrapWithCloudFront(
  driver: StorageDriver,
  config: CloudFrontConfig,
  context: MiddlewareContext,
): Promise<StorageDriver> {
  const { objectKey, clock, log } = context;
  if (objectKey === undefined) {
    log.warn("ignored the middleware cloudfront: the storage is not S3", { driver: driver.name });
    return driver;
  }
  const privateKey = await readKey(driver.name, config.privateKey);
  const base = withScheme(config.baseUrl);
  const addresses = config.ipFilteredBy === "none" ? undefined : keepAddresses(config, context);
  return new RedirectingDriver(driver, {
    async redirectUrl(path, request) {
      if (addresses?.has(request.clientAddress ?? "")) {
        return await driver.redirectUrl(path, request);
      }
      return getSignedUrl({
        url: base + objectKey(path),
        keyPairId: config.keyPairId,
        privateKey,
        dateLessThan: new Date(clock.now() + config.durationMs).toISOString(),
      });
    },
    close: () => addresses?.close(),
  });
}

function keepAddresses(config: CloudFrontConfig, context: MiddlewareContext): AwsAddresses {
  return AwsAddresses.keep({
    ...context,
    url: config.ipRangesUrl,
    regions: config.awsRegions,
    updateEveryMs: config.updateFrequencyMs,
  });
}

/** Source: Distribution, which takes a host alone for HTTPS. */
function withScheme(baseUrl: string): string {
  const url = baseUrl.includes("://") ? baseUrl : `https://${baseUrl}`;
  return url.endsWith("/") ? url : `${url}/`;
}

async function readKey(driver: string, file: string): Promise<string> {
  try {
    const pem = await Deno.readTextFile(file);
    createPrivateKey(pem);
    return pem;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const cause = new Error(
      `Correct privatekey of the middleware cloudfront: "${file}" holds no key: ${reason}`,
    );
    throw new DriverError("unavailable", { driver, path: "/", cause });
  }
}
