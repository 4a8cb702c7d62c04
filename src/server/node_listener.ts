import { createServer, type Server } from "node:http";
import type { ListenOptions as ServerListenOptions, Socket } from "node:net";
import { ANY_IPV4_ADDRESS, isAnyAddress, type ListenAddress } from "./listen_address.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import { NodeExchanges } from "./node_exchanges.ts";

/** Most bytes of the headers of a request: upload state travels in URLs. */
const MAX_HEADER_BYTES = 64 * 1024;

/** After this silence the system asks whether the peer is still there. Source: Distribution. */
const KEEP_ALIVE_PROBE_MS = 180_000;

/**
 * Listens with `node:http`.
 *
 * It speaks HTTP/1.1. Connections stay open between requests, and there is no limit of time for a
 * request, but one of a minute for its headers. Malformed requests are answered without a handler.
 *
 * @throws whatever the system says
 */
export async function listenWithNode(options: ListenOptions): Promise<Listener> {
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    requestTimeout: 0,
    keepAliveTimeout: 0,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
    noDelay: true,
  });
  const address = await listenIn(server, options);
  return serveOn(server, options, address);
}

/** Starts to listen; where every interface is meant, in as many families as there are. */
async function listenIn(
  server: Server,
  { place, reusePort }: ListenOptions,
): Promise<ListenAddress> {
  if (place.transport === "unix") {
    await listenAt(server, { path: place.path });
    return place;
  }
  const { hostname, port } = place;
  // On Windows a listener for IPv6 takes no IPv4 connections.
  const onlyIpv4 = hostname === ANY_IPV4_ADDRESS || Deno.build.os === "windows";
  if (!isAnyAddress(hostname)) await listenAt(server, { host: hostname, port, reusePort });
  else if (onlyIpv4) await listenAt(server, { host: ANY_IPV4_ADDRESS, port, reusePort });
  else {
    try {
      await listenAt(server, { host: hostname, port, reusePort });
    } catch (error) {
      if (!isWithoutIpv6(error)) throw error;
      await listenAt(server, { host: ANY_IPV4_ADDRESS, port, reusePort });
    }
  }
  const actual = server.address();
  if (actual === null || typeof actual === "string") return place;
  return { transport: "tcp", hostname: actual.address, port: actual.port };
}

function listenAt(server: Server, where: ServerListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(where, () => {
    server.off("error", reject);
    resolve();
  });
  return promise;
}

/** Tells whether a machine could not listen because it knows no IPv6. */
function isWithoutIpv6(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT");
}

/** Lets a handler answer on connections that are there. */
function serveOn(server: Server, options: ListenOptions, address: ListenAddress): Listener {
  const finished = Promise.withResolvers<void>();
  const exchanges = new NodeExchanges(options, address);
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    // A connection that breaks ends its request, and is nobody else's concern.
    socket.on("error", () => {});
  });
  server.on("request", (incoming, outgoing) => exchanges.answer(incoming, outgoing));
  server.on("checkContinue", (incoming, outgoing) => exchanges.answerWaiting(incoming, outgoing));
  server.on("close", () => finished.resolve());
  return {
    address,
    finished: finished.promise,
    shutdownCutsBodies: false,
    shutdown() {
      exchanges.closeWhenAnswered();
      server.close();
      server.closeIdleConnections();
      return finished.promise;
    },
    abort() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
