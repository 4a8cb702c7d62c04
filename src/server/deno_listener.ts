import { answerFailure, refuse } from "./answers.ts";
import { withExactBytes } from "./byte_exact.ts";
import { clientOf } from "./handler.ts";
import { ANY_IPV4_ADDRESS, isAnyAddress, type ListenAddress } from "./listen_address.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import { withReleasedBody } from "./released_body.ts";
import { RequestCounter } from "./request_counter.ts";
import type { RuntimeQuirks } from "./runtime_quirks.ts";
import { sendAtOnce } from "./send_at_once.ts";
import type { TlsIdentity } from "./tls_files.ts";

/** Options of {@linkcode listenWithDeno}. */
export interface DenoListenOptions extends ListenOptions {
  readonly quirks: RuntimeQuirks;
  /** Without it the listener speaks plain HTTP. */
  readonly tls?: TlsIdentity;
}

type ServeHandler = (request: Request, info: Deno.ServeHandlerInfo<Deno.Addr>) => Promise<Response>;
type Place =
  | { readonly hostname: string; readonly port: number; readonly path?: undefined }
  | { readonly path: string };

/**
 * Listens with `Deno.serve`.
 *
 * What the runtime does by itself: it speaks HTTP/1.1, HTTP/2 over TLS and HTTP/2 with prior
 * knowledge; it keeps connections open between requests, without a limit of time for those that
 * stay silent; it answers malformed requests itself.
 *
 * @throws whatever the system says
 */
export function listenWithDeno(options: DenoListenOptions): Listener {
  const { place, quirks } = options;
  const finished = Promise.withResolvers<void>();
  let current = serve(options, { place, identity: options.tls });
  const address = actualAddress(current.server.addr, place);
  // Those that can still be told to break their connections off.
  const abortable = new Set([current]);
  const watch = (served: Served) =>
    void served.server.finished.then(() => {
      abortable.delete(served);
      if (served === current) finished.resolve();
    });
  const shutdown = async (served: Served) => {
    abortable.delete(served);
    await served.server.shutdown();
  };
  watch(current);
  return {
    address,
    finished: finished.promise,
    shutdownCutsBodies: quirks.shutdownCutsBodies,
    shutdown: () => shutdown(current),
    renew(identity) {
      const before = current;
      current = serve(options, { place: address, identity });
      abortable.add(current);
      watch(current);
      // Both serve until the bodies that the one before is receiving have arrived: some runtimes
      // would cut them. Its other connections end each when its request is answered.
      void before.receiving.whenIdle().then(() => {
        if (abortable.has(before)) return shutdown(before);
      });
    },
    abort() {
      for (const { stop } of abortable) stop.abort();
    },
  };
}

/** One server of the runtime; another certificate takes another one. */
interface Served {
  readonly server: Deno.HttpServer;
  readonly stop: AbortController;
  /** Requests whose body may still be on its way here. */
  readonly receiving: RequestCounter;
}

function serve(
  options: DenoListenOptions,
  { place, identity }: {
    readonly place: ListenAddress;
    readonly identity: TlsIdentity | undefined;
  },
): Served {
  const { log, reusePort } = options;
  const stop = new AbortController();
  const receiving = new RequestCounter();
  const answer = createServeHandler(options, receiving);
  const server = serveIn(place, (socket) =>
    Deno.serve({
      ...identity,
      ...socket,
      signal: stop.signal,
      // The server of another certificate will stand beside this one.
      reusePort: reusePort || (identity !== undefined && socket.path === undefined),
      // The runtime's own banner is not in the form of the log.
      onListen: () => {},
      onError: (error: unknown) => answerFailure(error, log),
    }, answer));
  if (options.quirks.holdsBackTails) sendAtOnce();
  return { server, stop, receiving };
}

function createServeHandler(
  { traffic, log, ...options }: DenoListenOptions,
  receiving: RequestCounter,
): ServeHandler {
  const { compressesByItself } = options.quirks;
  const handler = compressesByItself ? withExactBytes(options.handler) : options.handler;
  return async function serveOne(request, info) {
    if (traffic.isRefused) return refuse();
    const done = traffic.begin(request.method, info.completed);
    const hasBody = request.method !== "GET" && request.method !== "HEAD";
    if (hasBody) receiving.begin();
    try {
      return withReleasedBody(await handler(request, clientOf(info.remoteAddr, info.completed)));
    } catch (error) {
      return answerFailure(error, log);
    } finally {
      done();
      if (hasBody) receiving.end();
    }
  };
}

/** Listens at `place`; where every interface is meant, in as many families as there are. */
function serveIn(place: ListenAddress, serveAt: (place: Place) => Deno.HttpServer) {
  if (place.transport === "unix") return serveAt({ path: place.path });
  const { hostname, port } = place;
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

function actualAddress(addr: Deno.Addr, place: ListenAddress): ListenAddress {
  // Deno 2.4 leaves the transport out where there is TLS.
  if (place.transport === "unix" || !("hostname" in addr)) return place;
  return { transport: "tcp", hostname: addr.hostname, port: addr.port };
}
