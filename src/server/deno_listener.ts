import { answerFailure, refuse } from "./answers.ts";
import { withExactBytes } from "./byte_exact.ts";
import { clientOf } from "./handler.ts";
import { ANY_IPV4_ADDRESS, isAnyAddress, type ListenAddress } from "./listen_address.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import type { RuntimeQuirks } from "./runtime_quirks.ts";
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
  const { place, quirks, tls, log, reusePort } = options;
  const stop = new AbortController();
  const answer = createServeHandler(options);
  const serve = (where: ListenAddress, identity: TlsIdentity | undefined) =>
    serveIn(where, (socket) =>
      Deno.serve({
        ...identity,
        ...socket,
        signal: stop.signal,
        // Another certificate takes another server, beside the one before.
        reusePort: reusePort || (identity !== undefined && socket.path === undefined),
        // The runtime's own banner is not in the form of the log.
        onListen: () => {},
        onError: (error: unknown) => answerFailure(error, log),
      }, answer));
  let server = serve(place, tls);
  const address = actualAddress(server.addr, place);
  const finished = Promise.withResolvers<void>();
  const watch = (current: Deno.HttpServer) =>
    void current.finished.then(() => {
      if (current === server) finished.resolve();
    });
  watch(server);
  return {
    address,
    finished: finished.promise,
    shutdownCutsBodies: quirks.shutdownCutsBodies,
    shutdown: () => server.shutdown(),
    renew(identity) {
      const before = server;
      server = serve(address, identity);
      watch(server);
      // Its connections end each when its request is answered.
      void before.shutdown();
    },
    abort: () => stop.abort(),
  };
}

function createServeHandler({ traffic, log, ...options }: DenoListenOptions): ServeHandler {
  const { compressesByItself } = options.quirks;
  const handler = compressesByItself ? withExactBytes(options.handler) : options.handler;
  return async function serveOne(request, info) {
    if (traffic.isRefused) return refuse();
    const done = traffic.begin(request.method, info.completed);
    try {
      return await handler(request, clientOf(info.remoteAddr, info.completed));
    } catch (error) {
      return answerFailure(error, log);
    } finally {
      done();
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
