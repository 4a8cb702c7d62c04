import type { Logger } from "@logtape/logtape";
import { delay } from "@std/async/delay";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { listenWithDeno } from "./deno_listener.ts";
import type { Handler } from "./handler.ts";
import { type ListenAddress, type ListenNet, parseListenAddress } from "./listen_address.ts";
import { toServerError } from "./listen_error.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import { listenWithNode } from "./node_listener.ts";
import { runtimeQuirks } from "./runtime_quirks.ts";
import { readClientCas, readTlsFiles, type TlsIdentity, tlsRefused } from "./tls_files.ts";
import type { TlsSettings } from "./tls_settings.ts";
import { watchTlsFiles } from "./tls_watch.ts";
import { Traffic } from "./traffic.ts";
import { removeSocket, removeStaleSocket } from "./unix_socket.ts";

/** The ways to listen that the runtime offers. */
export type ListenerKind = "deno" | "node";

/** Options of {@linkcode startServer}. */
export interface ServerOptions {
  readonly handler: Handler;
  /** `http.addr`: `host:port`, or the path of a socket. */
  readonly addr: string;
  /** The key that `addr` is the value of, for messages. @default "http.addr" */
  readonly addrKey?: string;
  /** `http.net`. @default "tcp" */
  readonly net?: ListenNet;
  /** Without it the server speaks plain HTTP. */
  readonly tls?: TlsSettings;
  /** Whether to speak HTTP/2 without TLS too, to clients that begin so. @default false */
  readonly h2c?: boolean;
  /** Whether other threads of this program listen on the same port. @default false */
  readonly reusePort?: boolean;
  /** How to listen. @default what does best with this runtime */
  readonly listener?: ListenerKind;
  /** @default those of the runtime */
  readonly timers?: Timers;
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
  const { addrKey: key = "http.addr", net = "tcp", tls } = options;
  const place = parseListenAddress(options.addr, { net, key });
  const { handler, log, reusePort = false } = options;
  const identity = tls === undefined ? undefined : await readTlsFiles(tls.files);
  const traffic = new Traffic();
  const base = { handler, place, traffic, reusePort, log };
  try {
    if (place.transport === "unix") await removeStaleSocket(place.path);
    const listener = await listen(base, { options, identity });
    const stopWatching = watchIdentity(listener, { options, identity });
    return new DrainingServer(listener, { traffic, stopWatching });
  } catch (error) {
    const problem = toServerError(error, { address: place, key });
    const isTlsProblem = problem.code === "listen_failed" && tls !== undefined;
    throw isTlsProblem ? tlsRefused(tls.files, error) : problem;
  }
}

/**
 * The way to listen that does best with this runtime: `node:http` leaves in the socket what is not
 * read yet, and only `Deno.serve` speaks HTTP/2 without TLS. Over TLS `Deno.serve` breaks off parts of
 * blobs, as the conformance suite shows.
 */
function bestListener({ tls, h2c = false }: ServerOptions): ListenerKind {
  if (tls !== undefined) return QUIRKS.lacksNodeTls ? "deno" : "node";
  return QUIRKS.hoardsChunkedBodies && !h2c ? "node" : "deno";
}

/** What a listener is made from. */
interface ListenParts {
  readonly options: ServerOptions;
  /** What the files of the certificate hold; absent where there is no TLS. */
  readonly identity: TlsIdentity | undefined;
}

async function listen(base: ListenOptions, { options, identity }: ListenParts): Promise<Listener> {
  const { tls: settings, listener: kind = bestListener(options) } = options;
  if (kind === "deno") {
    const tls = identity === undefined ? {} : { tls: identity };
    return listenWithDeno({ ...base, ...tls, quirks: QUIRKS });
  }
  if (settings === undefined || identity === undefined) {
    return await listenWithNode(base);
  }
  const clientCas = await readClientCas(settings.clientCas ?? []);
  return await listenWithNode({ ...base, tls: { settings, identity, clientCas } });
}

/** Lets a listener take up what the files of its certificate hold later. */
function watchIdentity(listener: Listener, { options, identity }: ListenParts): () => void {
  const { tls, log, timers = SYSTEM_TIMERS } = options;
  if (tls === undefined || identity === undefined) return () => {};
  return watchTlsFiles(tls.files, {
    current: identity,
    onChange: (changed) => listener.renew(changed),
    timers,
    log,
  });
}

/** A listener that ends in an orderly way. */
class DrainingServer implements RunningServer {
  readonly address: ListenAddress;
  readonly finished: Promise<void>;
  readonly #listener: Listener;
  readonly #traffic: Traffic;
  readonly #stopWatching: () => void;
  readonly #drained = Promise.withResolvers<void>();
  #unfinished: Promise<number> | undefined;

  constructor(
    listener: Listener,
    { traffic, stopWatching }: { readonly traffic: Traffic; readonly stopWatching: () => void },
  ) {
    this.#listener = listener;
    this.#traffic = traffic;
    this.#stopWatching = stopWatching;
    this.address = listener.address;
    this.finished = this.#finish();
  }

  drain(timeoutMs: number): Promise<number> {
    return this.#unfinished ??= this.#drain(timeoutMs);
  }

  async #drain(timeoutMs: number): Promise<number> {
    this.#stopWatching();
    const unfinished = timeoutMs > 0 ? await this.#endInTime(timeoutMs) : this.#endNow();
    this.#drained.resolve();
    await this.finished;
    return unfinished;
  }

  #endNow(): number {
    const { running } = this.#traffic.running;
    this.#listener.abort();
    return running;
  }

  async #endInTime(timeoutMs: number): Promise<number> {
    const { running, receiving } = this.#traffic;
    const timers = new AbortController();
    const pause = (ms: number) =>
      (delay as Delay)(Math.min(ms, MAX_TIMER_MS), timers).catch(() => {});
    const timeUp = pause(timeoutMs).then(() => "time is up");
    try {
      if (this.#listener.shutdownCutsBodies) {
        // The listener stays open until those bodies have arrived, but serves nobody else.
        this.#traffic.refuse();
        const first = await Promise.race([receiving.whenIdle(), timeUp]);
        if (first !== undefined) return this.#endNow();
      }
      // From here on the runtime may not be told to break connections off any more.
      const ended = this.#listener.shutdown();
      const idle = running.whenIdle().then(() => pause(SILENT_GRACE_MS));
      await Promise.race([ended, idle, timeUp]);
      return running.running;
    } finally {
      timers.abort();
    }
  }

  async #finish(): Promise<void> {
    await Promise.race([this.#listener.finished, this.#drained.promise]);
    this.#stopWatching();
    if (this.address.transport === "unix") await removeSocket(this.address.path);
  }
}
