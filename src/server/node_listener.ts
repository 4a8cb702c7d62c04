import { createServer } from "node:http";
import type { ListenOptions as SocketOptions, Socket } from "node:net";
import { ANY_IPV4_ADDRESS, isAnyAddress, type ListenAddress } from "./listen_address.ts";
import type { Listener, ListenOptions } from "./listener.ts";
import { NodeConnections, type NodeServer } from "./node_connections.ts";
import { NodeExchanges } from "./node_exchanges.ts";
import { createNodeTlsServer, type NodeTls, renewNodeTls } from "./node_tls.ts";

/** Options of {@linkcode listenWithNode}. */
export interface NodeListenOptions extends ListenOptions {
  /** Without it the listener speaks plain HTTP. */
  readonly tls?: NodeTls;
}

const HTTP_OPTIONS = {
  /** In bytes: upload state travels in URLs. */
  maxHeaderSize: 64 * 1024,
  /** No limits of time for a request, nor for a connection between requests. */
  requestTimeout: 0,
  keepAliveTimeout: 0,
  /** After three minutes of silence the system asks whether the peer is there, as in Distribution. */
  keepAlive: true,
  keepAliveInitialDelay: 180_000,
  noDelay: true,
} as const;

/**
 * Listens with `node:http`, over TLS with `node:https` or `node:http2`.
 *
 * Connections stay open between requests, and there is no limit of time for a request, but one of a
 * minute for its headers. Malformed requests are answered without a handler.
 *
 * @throws whatever the system says
 */
export async function listenWithNode(options: NodeListenOptions): Promise<Listener> {
  const { tls } = options;
  const connections = new NodeConnections();
  const exchanges = new NodeExchanges(options, { connections, tls: tls !== undefined });
  const secure = tls === undefined ? undefined : createNodeTlsServer(tls, HTTP_OPTIONS);
  const server = secure ?? createServer(HTTP_OPTIONS);
  connect(server, { connections, exchanges, tls: tls !== undefined });
  const finished = Promise.withResolvers<void>();
  const address = await listenIn(server, options);
  exchanges.listensAt(address);
  server.on("close", () => finished.resolve());
  return {
    address,
    finished: finished.promise,
    shutdownCutsBodies: false,
    shutdown() {
      server.close();
      connections.endWhenIdle();
      return finished.promise;
    },
    renew(identity) {
      if (secure !== undefined && tls !== undefined) renewNodeTls(secure, tls, identity);
    },
    abort() {
      server.close();
      connections.destroyAll();
    },
  };
}

/** What a server is connected with. */
interface Connected {
  readonly connections: NodeConnections;
  readonly exchanges: NodeExchanges;
  readonly tls: boolean;
}

/** Lets requests that come to a server be answered. */
function connect(server: NodeServer, { connections, exchanges, tls }: Connected): void {
  connections.watch(server, { tls });
  server.on(tls ? "secureConnection" : "connection", (socket: Socket) => {
    if (!("alpnProtocol" in socket && socket.alpnProtocol === "h2")) connections.addIdle(socket);
  });
  server.on("request", (incoming, outgoing) => exchanges.answer(incoming, outgoing));
  server.on("checkContinue", (incoming, outgoing) => exchanges.answerWaiting(incoming, outgoing));
}

/** Starts to listen; where every interface is meant, in as many families as there are. */
async function listenIn(
  server: NodeServer,
  { place, reusePort }: ListenOptions,
): Promise<ListenAddress> {
  if (place.transport === "unix") {
    await listenAt(server, { path: place.path });
    return place;
  }
  const { hostname, port } = place;
  // On Windows a listener for IPv6 takes no IPv4 connections.
  const isIpv4Only = hostname === ANY_IPV4_ADDRESS || Deno.build.os === "windows";
  const host = isAnyAddress(hostname) && isIpv4Only ? ANY_IPV4_ADDRESS : hostname;
  try {
    await listenAt(server, { host, port, reusePort });
  } catch (error) {
    if (!isAnyAddress(host) || !isWithoutIpv6(error)) throw error;
    await listenAt(server, { host: ANY_IPV4_ADDRESS, port, reusePort });
  }
  const actual = server.address();
  if (actual === null || typeof actual === "string") return place;
  return { transport: "tcp", hostname: actual.address, port: actual.port };
}

function listenAt(server: NodeServer, where: SocketOptions): Promise<void> {
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
