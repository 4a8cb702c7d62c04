/**
 * The listener in front of a handler.
 *
 * What the runtime does by itself: it speaks HTTP/1.1, HTTP/2 over TLS and HTTP/2 with prior
 * knowledge; it keeps connections open between requests, without a limit of time for those that
 * stay silent; it answers malformed requests itself.
 *
 * @module
 */

import type { Logger } from "@logtape/logtape";
import { toServerError } from "./listen_error.ts";
import { withExactBytes } from "./byte_exact.ts";
import { clientOf, type Handler } from "./handler.ts";
import {
  formatListenAddress,
  isAnyAddress,
  type ListenAddress,
  type ListenNet,
  parseListenAddress,
} from "./listen_address.ts";
import { readTlsFiles, type TlsFiles, type TlsIdentity, tlsRefused } from "./tls_files.ts";
import { removeSocket, removeStaleSocket } from "./unix_socket.ts";
import { RequestCounter } from "./request_counter.ts";

/** Options of {@linkcode startServer}. */
export interface ServerOptions {
  readonly handler: Handler;
  /** `http.addr`: `host:port`, or the path of a socket. */
  readonly addr: string;
  /** `http.net`. @default "tcp" */
  readonly net?: ListenNet;
  /** Certificate and key; without them the server speaks plain HTTP. */
  readonly tls?: TlsFiles;
  readonly log: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  /** Resolves when it has stopped, for whatever reason. */
  readonly finished: Promise<void>;
  /**
   * Stops: accepts nothing more, closes connections on which nothing is going on, and lets what
   * runs finish for at most `timeoutMs` milliseconds; with 0 everything ends now. What still runs
   * when the time is up ends with the process.
   *
   * @returns how many requests were not finished
   */
  drain(timeoutMs: number): Promise<number>;
}

/**
 * How long a connection that never sent a request may hold up the end, in milliseconds. Deno 2.4
 * waits for such for ever.
 *
 * Source: Go's `http.Server.Shutdown`.
 */
const SILENT_GRACE_MS = 5000;

/**
 * Listens on `options.addr` and answers with `options.handler`.
 *
 * @throws {ServerError} bad_address, address_in_use, address_unavailable, permission_denied,
 *   not_a_socket, tls_unreadable, tls_invalid, listen_failed
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const wanted = parseListenAddress(options.addr, options.net ?? "tcp");
  const identity = options.tls === undefined ? undefined : await readTlsFiles(options.tls);
  const counter = new RequestCounter();
  const stop = new AbortController();
  const serveHandler = createServeHandler(options, counter);
  const listen = (address: ListenAddress) =>
    listenOn(address, { identity, signal: stop.signal, serveHandler });
  let server: Deno.HttpServer;
  try {
    if (wanted.transport === "unix") await removeStaleSocket(wanted.path);
    server = listenInBothFamilies(wanted, listen);
  } catch (error) {
    if (options.tls !== undefined && isTlsProblem(error)) throw tlsRefused(options.tls, error);
    throw toServerError(error, wanted);
  }
  const address = actualAddress(server.addr, wanted);
  return { address, ...createEnding(server, { address, counter, stop }) };
}
