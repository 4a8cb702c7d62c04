import { isOlderRuntime } from "../../base/older_runtime.ts";

/** The runtime of the executable, Deno 2.4, is in some things unlike later ones. */
export const IS_OLD_RUNTIME: boolean = isOlderRuntime("2.5.0");
