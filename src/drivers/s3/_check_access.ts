import { S3ServiceException } from "@aws-sdk/client-s3";
import { DriverError } from "../driver.ts";
import type { Bucket } from "./_bucket.ts";
import { describeFailure, NAME, storeCode } from "./failures.ts";

/** The key of the configuration that most likely is wrong, by what the store answers. */
const CULPRITS: Readonly<Record<string, string>> = {
  NoSuchBucket: "bucket",
  InvalidBucketName: "bucket",
  PermanentRedirect: "region",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  InvalidAccessKeyId: "accesskey",
  XAdminUserNotFound: "accesskey",
  InvalidToken: "accesskey",
  ExpiredToken: "accesskey",
  SignatureDoesNotMatch: "secretkey",
  CredentialsProviderError: "accesskey and secretkey, or the credentials of this machine",
  AccessDenied: "accesskey, or the policy of the bucket",
  Forbidden: "accesskey, or the policy of the bucket",
};

/**
 * Asks the store for one key, so that a setting that is wrong is found before anything is served.
 *
 * @throws {DriverError} unavailable: which setting it is, and what the store has answered
 */
export async function checkAccess(bucket: Bucket, prefix: string): Promise<void> {
  try {
    await bucket.list({ prefix, maxKeys: 1 });
  } catch (error) {
    const cause = new Error(explain(error), { cause: error });
    throw new DriverError("unavailable", { driver: NAME, path: "/", cause });
  }
}

function explain(error: unknown): string {
  const code = storeCode(error) ?? (error instanceof Error ? error.name : "");
  const culprit = CULPRITS[code] ?? (isRedirect(error) ? "region" : undefined);
  const answer = describeFailure(error);
  if (culprit !== undefined) return `Correct storage.s3.${culprit}: the store answered ${answer}`;
  if (storeCode(error) === undefined) {
    return `Correct storage.s3.regionendpoint, secure or region: the store was not reached: ${answer}`;
  }
  return `Correct the settings of storage.s3: the store answered ${answer}`;
}

/** Where a bucket is in another region, the code of the answer may be lost on the way. */
function isRedirect(error: unknown): boolean {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  return status === 301 || status === 307;
}
