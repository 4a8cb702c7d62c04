import { BlockList, isIP } from "node:net";
import type { PageRequest } from "./controller.ts";

/** Whom a request comes from, as far as it counts here. */
export type Asker = Pick<PageRequest, "request" | "client">;

/** What stands for the proxies that connect by a unix socket, which have no address. */
const UNIX = "unix";
const NO_ADDRESS = "@";

/**
 * Makes what tells the address by which failed attempts are counted. A client cannot choose it: of
 * `X-Forwarded-For` counts only what proxies say that are known, beginning with the nearest.
 *
 * @param trustedProxies addresses, networks such as `10.0.0.0/8`, and `unix`
 */
export function createAttemptAddress(trustedProxies: readonly string[]): (asker: Asker) => string {
  const isTrusted = createTrust(trustedProxies);
  return function attemptAddress({ request, client: { address } }) {
    if (!isTrusted(address)) return address;
    const hops = request.headers.get("x-forwarded-for")?.split(",") ?? [];
    let known = address;
    for (const hop of hops.toReversed()) {
      const said = hop.trim();
      // Who knows no address of the one before vouches for nobody.
      if (isIP(said) === 0) return known;
      known = said;
      if (!isTrusted(said)) return said;
    }
    return known;
  };
}

function createTrust(proxies: readonly string[]): (address: string) => boolean {
  if (proxies.length === 0) return () => false;
  const list = new BlockList();
  for (const proxy of proxies) {
    if (proxy === UNIX) continue;
    const [network = "", bits] = proxy.split("/");
    const family = familyOf(network);
    if (bits === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(bits), family);
  }
  const trustsUnix = proxies.includes(UNIX);
  return (address) =>
    address === NO_ADDRESS
      ? trustsUnix
      : isIP(address) > 0 && list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
