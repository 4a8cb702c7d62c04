import { isClientError } from "../client/errors.ts";
import { isStoreError, StoreError } from "../storage/errors.ts";

/**
 * Turns what another registry failed with into an error of the registry model; any other error is
 * left as it is.
 *
 * @param unknown what is said of content that the other registry does not have
 */
export function fromClientError(error: unknown, unknown: () => StoreError): unknown {
  if (!isClientError(error)) return error;
  const { code, message, retryAfterMs } = error;
  if (code === "not_found") return unknown();
  const reason = code === "refused" ? "unavailable" : code;
  return new StoreError("upstream_failed", {
    reason,
    message,
    ...retryAfterMs === undefined ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1000) },
  }, { cause: error });
}

/** Says that content is not what its digest says; it is neither kept nor passed on. */
export function notVerified(host: string, digest: string): StoreError {
  const message = `Cannot use the answer of "${host}": it is not what "${digest}" names`;
  return new StoreError("upstream_failed", { reason: "invalid_answer", message });
}

/** Tells whether an upstream failed in a way that may pass, so that what is kept will do. */
export function isPassingFailure(error: unknown): boolean {
  return isStoreError(error, "upstream_failed");
}
