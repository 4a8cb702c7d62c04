import { ServerError } from "./error.ts";

/** The kinds of listener that `http.net` knows. */
export type ListenNet = "tcp" | "unix";

/** Where a server listens. */
export type ListenAddress =
  | {
    readonly transport: "tcp";
    /** Name or address, an IPv6 one without brackets; `::` for every interface. */
    readonly hostname: string;
    /** 0 for any free one. */
    readonly port: number;
  }
  | {
    readonly transport: "unix";
    /** Path of the socket. */
    readonly path: string;
  };

/** Every interface, in both families. */
const ANY_ADDRESS = "::";

/** Every interface, in IPv4 alone. */
export const ANY_IPV4_ADDRESS = "0.0.0.0";

/** Names that may stand for a port. */
const SERVICE_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

const ADDRESS_REGEXP = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/;

/** How {@linkcode parseListenAddress} reads an address. */
export interface ParseAddressOptions {
  readonly net: ListenNet;
  /** The key that it is the value of, for messages. @default "http.addr" */
  readonly key?: string;
}

/**
 * Reads `http.addr`: `:5000`, `127.0.0.1:5000`, `[::1]:5000`, `localhost:0`, or the path of a
 * socket where `net` is `unix`.
 *
 * @throws {ServerError} bad_address
 */
export function parseListenAddress(addr: string, options: ParseAddressOptions): ListenAddress {
  const { net, key = "http.addr" } = options;
  const badAddress = (reason: string) =>
    new ServerError("bad_address", `Cannot listen on ${key} "${addr}": ${reason}`);
  if (net === "unix") {
    if (addr === "") throw badAddress("it must be the path of a socket");
    return { transport: "unix", path: addr };
  }
  const match = ADDRESS_REGEXP.exec(addr);
  if (match === null) {
    const tooManyColons = addr.includes(":");
    throw badAddress(
      tooManyColons
        ? 'an IPv6 address must be in brackets, such as "[::1]:5000"'
        : 'a port is missing, such as in "127.0.0.1:5000" or ":5000"',
    );
  }
  const [, bracketed, bare, portText = ""] = match;
  const port = parsePort(portText);
  if (port === undefined) {
    throw badAddress(`the port must be a number from 0 to 65535, got "${portText}"`);
  }
  const hostname = bracketed ?? bare ?? "";
  return { transport: "tcp", hostname: hostname === "" ? ANY_ADDRESS : hostname, port };
}

/** Writes an address as Go does: `127.0.0.1:5000`, `[::]:5000`, `/run/registry.sock`. */
export function formatListenAddress(address: ListenAddress): string {
  if (address.transport === "unix") return address.path;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** Tells whether `hostname` stands for every interface. */
export function isAnyAddress(hostname: string): boolean {
  return hostname === ANY_ADDRESS || hostname === ANY_IPV4_ADDRESS;
}

function parsePort(text: string): number | undefined {
  if (Object.hasOwn(SERVICE_PORTS, text)) return SERVICE_PORTS[text];
  // Go takes the empty port for 0.
  if (!/^\d{0,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}
