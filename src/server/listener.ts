/**
 * What accepts connections and speaks HTTP on them. There is one for each way that the runtime
 * offers; the rest of the server knows this contract alone.
 *
 * A listener speaks HTTP and nothing else: it counts its requests in a `Traffic`, refuses none but
 * those that `Traffic` refuses, and never decides when to end.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import type { Handler } from "./handler.ts";
import type { ListenAddress } from "./listen_address.ts";
import type { TlsIdentity } from "./tls_files.ts";
import type { Traffic } from "./traffic.ts";

/** Options of every way to listen. */
export interface ListenOptions {
  /** Answers; what it throws becomes a 500. */
  readonly handler: Handler;
  /** Where to listen. */
  readonly place: ListenAddress;
  /** Takes note of every request; says whether one that comes is to be refused. */
  readonly traffic: Traffic;
  /** Whether other threads of this program listen on the same port. */
  readonly reusePort: boolean;
  readonly log: Logger;
}

/** A socket that listens, with its connections. */
export interface Listener {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  /** Resolves when it and all its connections have ended, for whatever reason. */
  readonly finished: Promise<void>;
  /**
   * Whether `shutdown` makes the bodies that are being received unreadable, so that they have to
   * arrive first.
   */
  readonly shutdownCutsBodies: boolean;
  /**
   * Accepts nothing more, closes connections on which nothing is going on, and every other one when
   * its request is answered. Resolves when all are closed.
   */
  shutdown(): Promise<void>;
  /**
   * Uses another certificate for the connections that come from now on.
   * @throws whatever the runtime says of it; the old one stays then
   */
  renew(identity: TlsIdentity): void;
  /** Breaks every connection off. Without effect once `shutdown` was called, with some runtimes. */
  abort(): void;
}
