import process from "node:process";
import { isOlderRuntime } from "../base/older_runtime.ts";

/**
 * Deno 2.4 warns of its own use of HMAC when a vendor's library signs, on the terminal of a user who
 * can do nothing about it: such warnings are then switched off, in this thread.
 *
 * @param version the runtime; by default the one that runs this
 */
export function hideDeprecations(version = Deno.version.deno): void {
  if (isOlderRuntime("2.5.0", version)) Object.assign(process, { noDeprecation: true });
}
