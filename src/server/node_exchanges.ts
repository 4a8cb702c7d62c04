import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import { answerFailure, logFailure, refuse } from "./answers.ts";
import { BufferGarbage } from "./buffer_garbage.ts";
import { clientAt } from "./handler.ts";
import { formatListenAddress, type ListenAddress } from "./listen_address.ts";
import type { ListenOptions } from "./listener.ts";
import type { NodeConnections } from "./node_connections.ts";
import { toRequest } from "./node_request.ts";
import { PieceBuffers } from "./piece_buffers.ts";
import { sendResponse } from "./node_response.ts";

/** A request of either version of HTTP. */
export type Incoming = IncomingMessage | Http2ServerRequest;

/** The way back of an {@linkcode Incoming}. */
export type Outgoing = ServerResponse | Http2ServerResponse;

/** What {@linkcode NodeExchanges} work with. */
export interface NodeExchangesParts {
  readonly connections: NodeConnections;
  /** Whether requests come over TLS. */
  readonly tls: boolean;
}

/** Answers what comes over `node:http` and its like with a handler of requests. */
export class NodeExchanges {
  readonly #options: ListenOptions;
  readonly #connections: NodeConnections;
  readonly #scheme: "http" | "https";
  readonly #garbage = new BufferGarbage();
  readonly #buffers = new PieceBuffers();
  #fallbackHost = "localhost";

  constructor(options: ListenOptions, { connections, tls }: NodeExchangesParts) {
    this.#options = options;
    this.#connections = connections;
    this.#scheme = tls ? "https" : "http";
  }

  /** Says where the server listens, for clients that name no host. */
  listensAt(address: ListenAddress): void {
    if (address.transport === "tcp") this.#fallbackHost = formatListenAddress(address);
  }

  /** Answers a request. */
  answer(incoming: Incoming, outgoing: Outgoing): void {
    void this.#exchange(incoming, outgoing, undefined);
  }

  /**
   * Answers a request whose body comes when it is asked for: a client that is refused then need not
   * send it.
   */
  answerWaiting(incoming: Incoming, outgoing: Outgoing): void {
    let isAsked = false;
    // Whether a body that is not asked for comes nevertheless, nobody knows: the end of the
    // connection then.
    keepAlive(outgoing, false);
    void this.#exchange(incoming, outgoing, () => {
      if (isAsked || outgoing.headersSent) return;
      isAsked = true;
      keepAlive(outgoing, true);
      outgoing.writeContinue();
    });
  }

  async #exchange(
    incoming: Incoming,
    outgoing: Outgoing,
    onRead: (() => void) | undefined,
  ): Promise<void> {
    const { log } = this.#options;
    const connections = this.#connections;
    const { socket } = incoming;
    const sent = whenSent(outgoing);
    if (incoming.httpVersionMajor === 1) {
      connections.begin(socket);
      outgoing.once("close", () => connections.end(socket));
    }
    try {
      const response = await this.#respond(incoming, { sent, onRead });
      if (connections.isEnding) keepAlive(outgoing, false);
      // A body that nobody read would be taken for the next request.
      outgoing.once("finish", () => incoming.resume());
      const [garbage, buffers] = [this.#garbage, this.#buffers];
      await sendResponse(response, outgoing, { method: incoming.method, garbage, buffers });
    } catch (error) {
      logFailure(error, log);
      outgoing.destroy();
    }
  }

  async #respond(
    incoming: Incoming,
    { sent, onRead }: {
      readonly sent: Promise<void>;
      readonly onRead: (() => void) | undefined;
    },
  ): Promise<Response> {
    const { traffic, handler, log } = this.#options;
    if (traffic.isRefused) return refuse();
    const { remoteAddress: hostname, remotePort: port } = incoming.socket;
    const done = traffic.begin(incoming.method ?? "GET", sent);
    try {
      const request = toRequest(incoming, {
        scheme: this.#scheme,
        fallbackHost: this.#fallbackHost,
        onRead,
        garbage: this.#garbage,
      });
      if (request.body !== null) sent.then(() => discardBody(request), () => {});
      return await handler(request, clientAt({ hostname, port }, sent));
    } catch (error) {
      return answerFailure(error, log);
    } finally {
      done();
    }
  }
}

/** Throws away what nobody has begun to read: its client would wait for ever to get rid of it. */
function discardBody({ body }: Request): void {
  if (body?.locked === false) void body.cancel().catch(() => {});
}

/** Says whether a connection stays when its request is answered; with HTTP/2 it always does. */
function keepAlive(outgoing: Outgoing, isWanted: boolean): void {
  if ("shouldKeepAlive" in outgoing) outgoing.shouldKeepAlive = isWanted;
}

/** Settles when an answer has gone out, or its connection has; nobody needs to listen. */
function whenSent(outgoing: Outgoing): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  outgoing.once("close", () => {
    if (outgoing.writableFinished) resolve();
    else reject(new Error("the connection ended before the answer did"));
  });
  promise.catch(() => {});
  return promise;
}
