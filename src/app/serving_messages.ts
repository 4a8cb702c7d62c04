/**
 * What the main thread and the threads that serve tell each other. All of it is plain data.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import type { ListenAddress } from "../server/listen_address.ts";

/** What the main thread tells a serving thread. */
export type ToServingThread =
  /** The first message: begin to serve. */
  | {
    readonly kind: "serve";
    readonly config: Config;
    /** Names the program in the log, as in all its threads. */
    readonly instanceId: string;
    /** Where to listen; with the port that the first thread was given. */
    readonly addr: string;
    /** The health checks that fail when the thread begins. */
    readonly failures: HealthFailures;
  }
  /** The health checks that fail have changed. */
  | { readonly kind: "health"; readonly failures: HealthFailures }
  /** Finish what is being answered, and end. */
  | { readonly kind: "drain"; readonly timeoutMs: number };

/** What a serving thread tells the main thread. */
export type FromServingThread =
  /** It can be told to serve. */
  | { readonly kind: "ready" }
  | { readonly kind: "listening"; readonly address: ListenAddress }
  /** It could not begin. */
  | { readonly kind: "refused"; readonly error: RefusedError }
  /** It has ended; so many requests were not finished. */
  | { readonly kind: "drained"; readonly unfinished: number };

/** The health checks that fail, with their reasons; `undefined` while none does. */
export type HealthFailures = Readonly<Record<string, string>> | undefined;

/** An error on its way between threads, which keeps no class. */
export interface RefusedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}
