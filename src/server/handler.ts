import type { Client } from "../base/client.ts";

/** Answers requests; what it throws becomes a 500 with a line in the log. */
export type Handler = (request: Request, client: Client) => Response | Promise<Response>;

/** What stands for a peer that has no address, as in Go. */
const NO_ADDRESS = "@";

/** An IPv4 peer, as a listener for both families sees it. */
const MAPPED_PREFIX = "::ffff:";

/**
 * The client behind a connection.
 *
 * @param sent settles when the answer has gone out
 */
export function clientOf(peer: Deno.Addr, sent: Promise<unknown>): Client {
  return peer.transport === "tcp" ? clientAt(peer, sent) : { address: NO_ADDRESS, sent };
}

/** The client at an address; without one, the peer on a unix socket. */
export function clientAt(
  { hostname, port }: {
    readonly hostname?: string | undefined;
    readonly port?: number | undefined;
  },
  sent: Promise<unknown>,
): Client {
  if (hostname === undefined || port === undefined) return { address: NO_ADDRESS, sent };
  if (hostname.startsWith(MAPPED_PREFIX) && hostname.includes(".")) {
    return { address: hostname.slice(MAPPED_PREFIX.length), port, sent };
  }
  return { address: hostname, port, sent };
}
