/**
 * What the main thread and the threads that serve tell each other. All of it is plain data.
 *
 * @module
 */

import type { OutboxShare } from "../app/build_events.ts";
import type { HealthFailures } from "../app/background.ts";
import type { Config } from "../config/config.ts";
import type { MetricsSnapshot } from "../metrics/snapshot.ts";
import type { ListenAddress } from "../server/listen_address.ts";

/** What the main thread tells a serving thread. */
export type ToServingThread =
  | ServeMessage
  /** The health checks that fail have changed. */
  | { readonly kind: "health"; readonly failures: HealthFailures }
  /** Tell what you have measured; sent only where the configuration has a debug listener. */
  | { readonly kind: "measure" }
  /** The output that was asked for is written. */
  | { readonly kind: "written"; readonly id: number }
  /** Finish what is being answered, and end. */
  | { readonly kind: "drain"; readonly timeoutMs: number };

/** The first message: begin to serve. */
export interface ServeMessage {
  readonly kind: "serve";
  /** With the address that the first thread was given. */
  readonly config: Config;
  /** Names the program in the log, as in all its threads. */
  readonly instanceId: string;
  /** The health checks that fail when the thread begins. */
  readonly failures: HealthFailures;
  /** Whether a person reads the log on a terminal. */
  readonly terminal: boolean;
  /** The program's entry, from which further threads begin. */
  readonly entry: string;
  /** What all threads share to know of removals; see `cache/generations.ts`. */
  readonly generations: SharedArrayBuffer;
  /** What it writes events to; `undefined` where nobody wants any. */
  readonly outbox: OutboxShare | undefined;
}

/** What a serving thread tells the main thread. */
export type FromServingThread =
  /** It can be told to serve. */
  | { readonly kind: "ready" }
  | { readonly kind: "listening"; readonly address: ListenAddress }
  /** It could not begin, for a reason that a person should read. */
  | { readonly kind: "refused"; readonly error: RefusedError }
  /** Something failed that nobody caught; it has ended. */
  | {
    readonly kind: "failed";
    readonly reason: string;
    /** What it had measured to the end. */
    readonly metrics: MetricsSnapshot;
  }
  /** All that it has measured so far. */
  | { readonly kind: "measured"; readonly metrics: MetricsSnapshot }
  /** There are new events in the outbox. */
  | { readonly kind: "events" }
  /** Bytes for an output of the process, which only the main thread writes to. */
  | OutputMessage
  /** It has ended; so many requests were not finished. */
  | { readonly kind: "drained"; readonly unfinished: number };

/** Bytes for an output of the process. */
export interface OutputMessage {
  readonly kind: "output";
  readonly id: number;
  readonly output: "stdout" | "stderr";
  readonly bytes: Uint8Array;
}

/** An error on its way between threads; a class does not survive it. */
export interface RefusedError {
  readonly message: string;
  /** The code of a `ServerError`; absent for anything else. */
  readonly code?: string;
}
