/**
 * What some versions of the runtime do by themselves and should not.
 *
 * @module
 */

/** Habits of a version of Deno that the server works around. */
export interface RuntimeQuirks {
  /**
   * It compresses text and JSON where the client accepts that, and weakens their entity tags.
   * Versions before 2.9 do, unless `Cache-Control` forbids it.
   */
  readonly compressesByItself: boolean;
  /**
   * `Deno.HttpServer.shutdown` makes the bodies that are being received unreadable. Versions from
   * 2.9 on do.
   */
  readonly shutdownCutsBodies: boolean;
  /**
   * Its `node:https` knows no client certificates, and it has no server in `node:http2`. Versions
   * before 2.8.3 are so, as far as was tried.
   */
  readonly lacksNodeTls: boolean;
}

/** The habits of a version of Deno, such as `2.4.2`. */
export function runtimeQuirks(version: string): RuntimeQuirks {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => parseInt(part));
  const number = (major * 1000 + minor) * 1000 + patch;
  return {
    compressesByItself: number < 2_009_000,
    shutdownCutsBodies: number >= 2_009_000,
    lacksNodeTls: number < 2_008_003,
  };
}
