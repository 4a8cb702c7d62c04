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
}

/** The habits of a version of Deno, such as `2.4.2`. */
export function runtimeQuirks(version: string): RuntimeQuirks {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isBefore29 = major < 2 || (major === 2 && minor < 9);
  return { compressesByItself: isBefore29, shutdownCutsBodies: !isBefore29 };
}
