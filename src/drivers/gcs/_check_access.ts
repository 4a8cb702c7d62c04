import { DriverError } from "../driver.ts";
import type { Bucket } from "./_bucket.ts";
import { describeFailure, NAME, storeStatus } from "./failures.ts";

/** The key of the configuration that most likely is wrong, by the status of the answer. */
const CULPRITS: Readonly<Record<number, string>> = {
  400: "bucket",
  401: "keyfile or credentials",
  403: "keyfile or credentials, or the rights of that account",
  404: "bucket",
};

/**
 * Asks the store for one name, so that a setting that is wrong is found before anything is served.
 *
 * @throws {DriverError} unavailable: which setting it is, and what the store has answered
 */
export async function checkAccess(bucket: Bucket, prefix: string): Promise<void> {
  try {
    await bucket.list({ prefix, limit: 1 });
  } catch (error) {
    const cause = new Error(explain(error), { cause: error });
    throw new DriverError("unavailable", { driver: NAME, path: "/", cause });
  }
}

function explain(error: unknown): string {
  const answer = describeFailure(error);
  const status = storeStatus(error);
  if (isKeyFailure(error)) {
    return `Correct storage.gcs.keyfile or credentials: the key cannot be used: ${answer}`;
  }
  if (status === undefined) {
    return `Correct storage.gcs.endpoint, or the network: the store was not reached: ${answer}`;
  }
  const culprit = CULPRITS[status];
  if (culprit === undefined) {
    return `Correct the settings of storage.gcs: the store answered ${answer}`;
  }
  return `Correct storage.gcs.${culprit}: the store answered ${answer}`;
}

/** The library tells of a key file, or of a key, that is not one in words alone. */
function isKeyFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return code === "ENOENT" || code === "EACCES" ||
    /invalid_grant|invalid_client|default credentials|private_key|client_email|PEM|DECODER|JSON/i
      .test(error.message);
}
