import type { IncomingMessage, ServerResponse } from "node:http";
import { answerFailure, logFailure, refuse } from "./answers.ts";
import { clientAt } from "./handler.ts";
import { formatListenAddress, type ListenAddress } from "./listen_address.ts";
import type { ListenOptions } from "./listener.ts";
import { toRequest, type ToRequestOptions } from "./node_request.ts";
import { sendResponse } from "./node_response.ts";

/** Answers what comes over `node:http` with a handler of requests. */
export class NodeExchanges {
  readonly #options: ListenOptions;
  readonly #fallback: Pick<ToRequestOptions, "scheme" | "fallbackHost">;
  #isEnding = false;

  constructor(options: ListenOptions, address: ListenAddress) {
    this.#options = options;
    const fallbackHost = address.transport === "tcp" ? formatListenAddress(address) : "localhost";
    this.#fallback = { scheme: "http", fallbackHost };
  }

  /** From now on a connection is closed when its request is answered. */
  closeWhenAnswered(): void {
    this.#isEnding = true;
  }

  /** Answers a request. */
  answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.#exchange(incoming, outgoing, undefined);
  }

  /**
   * Answers a request whose body comes when it is asked for: a client that is refused then need not
   * send it.
   */
  answerWaiting(incoming: IncomingMessage, outgoing: ServerResponse): void {
    let isAsked = false;
    outgoing.shouldKeepAlive = false;
    this.#exchange(incoming, outgoing, () => {
      if (isAsked || outgoing.headersSent) return;
      isAsked = true;
      // What is not asked for may come or not: the connection is good for nothing more then.
      outgoing.shouldKeepAlive = true;
      outgoing.writeContinue();
    });
  }

  async #exchange(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    onRead: (() => void) | undefined,
  ): Promise<void> {
    const { log } = this.#options;
    try {
      const response = await this.#respond(incoming, outgoing, onRead);
      if (this.#isEnding) outgoing.shouldKeepAlive = false;
      // A body that nobody read would be taken for the next request.
      outgoing.once("finish", () => incoming.resume());
      await sendResponse(response, outgoing);
    } catch (error) {
      logFailure(error, log);
      outgoing.destroy();
    }
  }

  async #respond(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    onRead: (() => void) | undefined,
  ): Promise<Response> {
    const { traffic, handler, log } = this.#options;
    if (traffic.isRefused) return refuse();
    const sent = new Promise<void>((resolve) => outgoing.once("close", resolve));
    const done = traffic.begin(incoming.method ?? "GET", sent);
    try {
      const { remoteAddress: hostname, remotePort: port } = incoming.socket;
      const more = onRead === undefined ? {} : { onRead };
      const request = toRequest(incoming, { ...this.#fallback, ...more });
      return await handler(request, clientAt({ hostname, port }, sent));
    } catch (error) {
      return answerFailure(error, log);
    } finally {
      done();
    }
  }
}
