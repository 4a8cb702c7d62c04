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
import { delay } from "@std/async/delay";
import { LOG_FIELDS } from "../log/fields.ts";
import { withExactBytes } from "./byte_exact.ts";
import { clientOf, type Handler } from "./handler.ts";
import {
  ANY_IPV4_ADDRESS,
  isAnyAddress,
  type ListenAddress,
  type ListenNet,
  parseListenAddress,
} from "./listen_address.ts";
import { toServerError } from "./listen_error.ts";
import { runtimeQuirks } from "./runtime_quirks.ts";
import { readTlsFiles, type TlsFiles, tlsRefused } from "./tls_files.ts";
import { Traffic } from "./traffic.ts";
import { removeSocket, removeStaleSocket } from "./unix_socket.ts";

/** Options of {@linkcode startServer}. */
export interface ServerOptions {
  readonly handler: Handler;
  /** `http.addr`: `host:port`, or the path of a socket. */
  readonly addr: string;
  /** The key that `addr` is the value of, for messages. @default "http.addr" */
  readonly addrKey?: string;
  /** `http.net`. @default "tcp" */
  readonly net?: ListenNet;
  /** Certificate and key; without them the server speaks plain HTTP. */
  readonly tls?: TlsFiles;
  /** Whether other threads of this program listen on the same port. @default false */
  readonly reusePort?: boolean;
  readonly log: Logger;
}

/** A server that listens. */
export interface RunningServer {
  /** Where it listens; the port is the real one where 0 was asked for. */
  readonly address: ListenAddress;
  /** Resolves when it has stopped, for whatever reason. */
  readonly finished: Promise<void>;
  /**
   * Stops: takes no more requests, closes connections on which nothing is going on, and lets what
   * runs finish for at most `timeoutMs` milliseconds; with 0 everything ends now. What still runs
   * when the time is up ends with the process, if not before.
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

/** Longest time that a timer can count, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const QUIRKS = runtimeQuirks(Deno.version.deno);

type Delay = (ms: number, options: { readonly signal: AbortSignal }) => Promise<void>;

/**
 * Listens on `options.addr` and answers with `options.handler`.
 *
 * @throws {ServerError} bad_address, address_in_use, address_unavailable, permission_denied,
 *   not_a_socket, tls_unreadable, tls_invalid, listen_failed
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { addrKey: key = "http.addr", net = "tcp" } = options;
  const wanted = parseListenAddress(options.addr, { net, key });
  const traffic = new Traffic();
  const stop = new AbortController();
  const listener = {
    ...(options.tls === undefined ? {} : await readTlsFiles(options.tls)),
    signal: stop.signal,
    reusePort: options.reusePort ?? false,
    // The runtime's own banner is not in the form of the log.
    onListen: () => {},
    onError: (error: unknown) => answerFailure(error, options.log),
  };
  const answer = createServeHandler(options, traffic);
  try {
    if (wanted.transport === "unix") await removeStaleSocket(wanted.path);
    const server = listen(wanted, (place) => Deno.serve({ ...listener, ...place }, answer));
    return new DenoServer(server, { address: actualAddress(server.addr, wanted), traffic, stop });
  } catch (error) {
    const problem = toServerError(error, { address: wanted, key });
    const isTlsProblem = problem.code === "listen_failed" && options.tls !== undefined;
    throw isTlsProblem ? tlsRefused(options.tls, error) : problem;
  }
}

type ServeHandler = (request: Request, info: Deno.ServeHandlerInfo<Deno.Addr>) => Promise<Response>;
type Place = { readonly hostname: string; readonly port: number } | { readonly path: string };

function createServeHandler(options: ServerOptions, traffic: Traffic): ServeHandler {
  const handler = QUIRKS.compressesByItself ? withExactBytes(options.handler) : options.handler;
  return async function serveOne(request, info) {
    if (traffic.isRefused) return refuse();
    const done = traffic.begin(request.method, info.completed);
    try {
      return await handler(request, clientOf(info.remoteAddr, info.completed));
    } catch (error) {
      return answerFailure(error, options.log);
    } finally {
      done();
    }
  };
}

/** Sends a client away, for good on this connection. */
function refuse(): Response {
  const headers = { "connection": "close", "retry-after": "1", "content-length": "0" };
  return new Response(null, { status: 503, headers });
}

function answerFailure(error: unknown, log: Logger): Response {
  log.error("request failed unexpectedly", {
    [LOG_FIELDS.errorMessage]: error instanceof Error ? error.message : String(error),
    [LOG_FIELDS.errorStack]: error instanceof Error ? error.stack : undefined,
  });
  return new Response(null, { status: 500, headers: { "content-length": "0" } });
}

/** Listens at `address`; where every interface is meant, in as many families as there are. */
function listen(address: ListenAddress, serveAt: (place: Place) => Deno.HttpServer) {
  if (address.transport === "unix") return serveAt({ path: address.path });
  const { hostname, port } = address;
  if (!isAnyAddress(hostname)) return serveAt({ hostname, port });
  // On Windows a listener for IPv6 takes no IPv4 connections.
  if (hostname === ANY_IPV4_ADDRESS || Deno.build.os === "windows") {
    return serveAt({ hostname: ANY_IPV4_ADDRESS, port });
  }
  try {
    return serveAt({ hostname, port });
  } catch (error) {
    if (!isWithoutIpv6(error)) throw error;
    return serveAt({ hostname: ANY_IPV4_ADDRESS, port });
  }
}

/** Tells whether a machine could not listen because it knows no IPv6. */
function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Deno.errors.AddrNotAvailable ||
    (error instanceof Error && /address family/i.test(error.message));
}

function actualAddress(addr: Deno.Addr, wanted: ListenAddress): ListenAddress {
  // Deno 2.4 leaves the transport out where there is TLS.
  if (wanted.transport === "unix" || !("hostname" in addr)) return wanted;
  return { transport: "tcp", hostname: addr.hostname, port: addr.port };
}

/** What {@linkcode DenoServer} is made of. */
interface DenoServerParts {
  readonly address: ListenAddress;
  readonly traffic: Traffic;
  readonly stop: AbortController;
}

class DenoServer implements RunningServer {
  readonly address: ListenAddress;
  readonly finished: Promise<void>;
  readonly #server: Deno.HttpServer;
  readonly #traffic: Traffic;
  readonly #stop: AbortController;
  readonly #drained = Promise.withResolvers<void>();
  #unfinished: Promise<number> | undefined;

  constructor(server: Deno.HttpServer, parts: DenoServerParts) {
    this.#server = server;
    this.address = parts.address;
    this.#traffic = parts.traffic;
    this.#stop = parts.stop;
    this.finished = this.#finish();
  }

  drain(timeoutMs: number): Promise<number> {
    return this.#unfinished ??= this.#drain(timeoutMs);
  }

  async #drain(timeoutMs: number): Promise<number> {
    const unfinished = timeoutMs > 0 ? await this.#endInTime(timeoutMs) : this.#endNow();
    this.#drained.resolve();
    await this.finished;
    return unfinished;
  }

  #endNow(): number {
    const { running } = this.#traffic.running;
    this.#stop.abort();
    return running;
  }

  async #endInTime(timeoutMs: number): Promise<number> {
    const { running, receiving } = this.#traffic;
    const timers = new AbortController();
    const pause = (ms: number) =>
      (delay as Delay)(Math.min(ms, MAX_TIMER_MS), timers).catch(() => {});
    const timeUp = pause(timeoutMs).then(() => "time is up");
    try {
      if (QUIRKS.shutdownCutsBodies) {
        // The listener stays open until those bodies have arrived, but serves nobody else.
        this.#traffic.refuse();
        const first = await Promise.race([receiving.whenIdle(), timeUp]);
        if (first !== undefined) return this.#endNow();
      }
      // From here on the runtime cannot be told to break connections off any more.
      const ended = this.#server.shutdown();
      const idle = running.whenIdle().then(() => pause(SILENT_GRACE_MS));
      await Promise.race([ended, idle, timeUp]);
      return running.running;
    } finally {
      timers.abort();
    }
  }

  async #finish(): Promise<void> {
    await Promise.race([this.#server.finished, this.#drained.promise]);
    if (this.address.transport === "unix") await removeSocket(this.address.path);
  }
}
