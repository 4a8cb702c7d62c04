import { createHash } from "node:crypto";
import { toBytes } from "../base/bytes.ts";

/** Makes of secrets what may be kept in memory to know them again. */
export type KeyedDigest = (...parts: readonly string[]) => string;

/**
 * Makes a digest that only this process can make, for its key is made here and never leaves it.
 *
 * The key goes first into SHA-256; no digest is ever shown, so none can be continued.
 */
export function createKeyedDigest(): KeyedDigest {
  const key = crypto.getRandomValues(new Uint8Array(32));
  return (...parts) => {
    const hash = createHash("sha256").update(key);
    const [only] = parts;
    // Parts of several are told apart by their lengths.
    if (parts.length === 1 && only !== undefined) return hash.update(only).digest("base64");
    for (const part of parts) {
      const bytes = toBytes(part);
      hash.update(`${bytes.byteLength}:`).update(bytes);
    }
    return hash.digest("base64");
  };
}
