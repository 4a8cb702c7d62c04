/**
 * What some versions of the runtime do by themselves and should not.
 *
 * @module
 */

import { isOlderRuntime } from "../base/older_runtime.ts";

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
   * `Deno.serve` with HTTP/1.1 takes from the socket, before each read of a body, as many bytes as
   * the largest read of the connection asked for, and gives no more than the rest of one chunk. What
   * a client sends in chunks, faster than it is stored, piles up, and for each read all of it is
   * moved, however small the reads: 200 MB in chunks of 32 KiB take 0.7 s of processor time on a
   * machine that keeps up and 11 s on a busy one. Versions from 2.8.3 on do.
   */
  readonly hoardsChunkedBodies: boolean;
  /**
   * `Deno.serve` leaves it to the system whether the last bytes of an answer wait for the client's
   * acknowledgement of those before. Versions before 2.9 do, as far as was tried.
   */
  readonly holdsBackTails: boolean;
  /**
   * Its `node:https` knows no client certificates, and it has no server in `node:http2`. Versions
   * before 2.8.3 are so, as far as was tried.
   */
  readonly lacksNodeTls: boolean;
}

/** The habits of a version of Deno, such as `2.4.2`. */
export function runtimeQuirks(version: string): RuntimeQuirks {
  return {
    compressesByItself: isOlderRuntime("2.9.0", version),
    shutdownCutsBodies: !isOlderRuntime("2.9.0", version),
    hoardsChunkedBodies: !isOlderRuntime("2.8.3", version),
    holdsBackTails: isOlderRuntime("2.9.0", version),
    lacksNodeTls: isOlderRuntime("2.8.3", version),
  };
}
