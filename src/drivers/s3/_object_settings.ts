import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { S3Config } from "../../config/sections/storage_s3.ts";

/** What the configuration wants of every object that is made, by whatever request. */
export interface ObjectSettings {
  readonly create: Pick<
    PutObjectCommandInput,
    "ACL" | "ContentType" | "ServerSideEncryption" | "SSEKMSKeyId" | "StorageClass"
  >;
}

/**
 * Makes the parameters for new objects.
 *
 * `private` is what a bucket does by itself, and some refuse to be told anything about ACLs.
 */
export function objectSettings(config: S3Config): ObjectSettings {
  const { encrypt, keyId, storageClass, objectAcl } = config;
  return {
    create: {
      ContentType: "application/octet-stream",
      ...objectAcl === "private" ? {} : { ACL: objectAcl },
      ...storageClass === "NONE" ? {} : { StorageClass: storageClass },
      ...!encrypt
        ? {}
        : keyId === undefined || keyId === ""
        ? { ServerSideEncryption: "AES256" }
        : { ServerSideEncryption: "aws:kms", SSEKMSKeyId: keyId },
    },
  };
}
