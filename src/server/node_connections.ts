import type { Server } from "node:http";
import type { Http2SecureServer, Http2Server, ServerHttp2Session } from "node:http2";
import type { Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";

/** Any server of `node:http`, `node:https` and `node:http2`. */
export type NodeServer = Server | HttpsServer | Http2Server | Http2SecureServer;

/**
 * How much of a body over HTTP/2 may come before it is read, in bytes: a window of 64 KiB, which
 * RFC 9113 begins with, allows 3 MB a second to a client that is 20 ms away. Source: Go's `net/http`.
 */
const WINDOW_BYTES = 1024 * 1024;

/** What a server asks of its HTTP/2 clients. */
export const HTTP2_SETTINGS = { initialWindowSize: WINDOW_BYTES } as const;

/** Knows the connections of servers, and ends them: first the idle ones, then each in its turn. */
export class NodeConnections {
  /** Every socket, those that negotiate TLS included. */
  readonly #sockets = new Set<Socket>();
  /** Connections with HTTP/1.1, and how many requests are being answered on each. */
  readonly #requests = new Map<Socket, number>();
  readonly #sessions = new Set<ServerHttp2Session>();
  #isEnding = false;

  /** Whether a connection is to be closed when its request is answered. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Takes note of all connections of a server. */
  watch(server: NodeServer, options: { readonly tls: boolean }): void {
    server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      // A connection that breaks ends its request, and is nobody else's concern.
      socket.on("error", () => {});
    });
    if (options.tls) {
      server.on("secureConnection", (socket: Socket) => {
        socket.on("error", () => {});
      });
    }
    server.on("session", (session: ServerHttp2Session) => {
      this.#sessions.add(session);
      session.setLocalWindowSize(WINDOW_BYTES);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => {});
      if (this.#isEnding) session.close();
    });
  }

  /** Takes note of a connection with HTTP/1.1 that has no request yet. */
  addIdle(socket: Socket): void {
    this.#requests.set(socket, 0);
    socket.on("close", () => this.#requests.delete(socket));
  }

  /** Takes note of a request on a connection with HTTP/1.1. */
  begin(socket: Socket): void {
    this.#requests.set(socket, (this.#requests.get(socket) ?? 0) + 1);
  }

  /** Takes note that a request is answered. */
  end(socket: Socket): void {
    const count = this.#requests.get(socket);
    // It is gone already.
    if (count === undefined) return;
    this.#requests.set(socket, count - 1);
    if (this.#isEnding && count <= 1) socket.end();
  }

  /** Closes what is idle now, and everything else as soon as it is. */
  endWhenIdle(): void {
    this.#isEnding = true;
    for (const [socket, count] of this.#requests) {
      if (count === 0) socket.destroy();
    }
    for (const session of this.#sessions) session.close();
  }

  /** Breaks all off. */
  destroyAll(): void {
    this.#isEnding = true;
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
  }
}
