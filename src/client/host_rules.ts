/**
 * Which hosts another registry may send this program to.
 *
 * @module
 */

/** A way of telling the domain that was registered: `example.co.uk` for `a.b.example.co.uk`. */
export type RegistrableDomain = (hostname: string) => string | undefined;

/** What {@linkcode mayHaveCredentials} goes by. */
export interface RealmRules {
  /** The registry that names the realm. */
  readonly upstream: URL;
  /** Hosts, with their port where it is not the scheme's own, that the operator trusts. */
  readonly allowedHosts: readonly string[];
  readonly registrableDomain: RegistrableDomain;
}

/**
 * Tells whether credentials of a registry may be sent to a token server that it names: one on its
 * own host, or one whose name shares its registered domain, and never over a weaker connection.
 * Addresses and `localhost` must be the same host and port.
 *
 * Source: reference of Distribution, "Start-up", realm filter; CVE-2026-33540.
 */
export function mayHaveCredentials(realm: URL, rules: RealmRules): boolean {
  const { upstream, allowedHosts, registrableDomain } = rules;
  if (!isWeb(realm) || realm.username !== "" || realm.password !== "") return false;
  if (upstream.protocol === "https:" && realm.protocol !== "https:") return false;
  if (realm.host === upstream.host || allowedHosts.includes(realm.host)) return true;
  if (!isName(realm.hostname) || !isName(upstream.hostname)) return false;
  const domain = registrableDomain(realm.hostname);
  return domain !== undefined && domain === registrableDomain(upstream.hostname);
}

/** Tells whether a URL is of a scheme that is fetched. */
export function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}

/** Tells whether a host of a URL is a name that somebody registered. */
function isName(hostname: string): boolean {
  return !isAddress(hostname) && hostname !== "localhost" && !hostname.endsWith(".localhost");
}

/** Tells whether the host of a URL is an address; `URL` has put it into its plain form. */
export function isAddress(hostname: string): boolean {
  return hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(hostname);
}

/** How far an address reaches. */
export type Reach = "public" | "private" | "link_local";

type Range = readonly [prefix: string, bits: number, reach: Reach];

/** Source: IANA special-purpose address registries. */
const IPV4_RANGES: readonly Range[] = [
  ["0.0.0.0", 8, "private"],
  ["10.0.0.0", 8, "private"],
  ["100.64.0.0", 10, "private"],
  ["127.0.0.0", 8, "private"],
  ["169.254.0.0", 16, "link_local"],
  ["172.16.0.0", 12, "private"],
  ["192.0.0.0", 24, "private"],
  ["192.168.0.0", 16, "private"],
  ["198.18.0.0", 15, "private"],
  ["224.0.0.0", 3, "private"],
];

/** How far an address reaches, written as resolvers write it. What cannot be read is private. */
export function reachOf(address: string): Reach {
  const text = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "").toLowerCase();
  const groups = ipv6Groups(text);
  if (groups === undefined) return ipv4Reach(text);
  const [first = 0] = groups;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  const isTranslated = first === 0x64 && groups[1] === 0xff9b;
  if (isMapped || isTranslated) return ipv4Reach(lastAddress(groups));
  if (first === 0x2002) return ipv4Reach(lastAddress([0, ...groups.slice(1, 3)]));
  if ((first & 0xffc0) === 0xfe80) return "link_local";
  return (first & 0xe000) === 0x2000 ? "public" : "private";
}

function ipv4Reach(text: string): Reach {
  const value = ipv4Value(text);
  if (value === undefined) return "private";
  const range = IPV4_RANGES.find(([prefix, bits]) =>
    value >>> (32 - bits) === (ipv4Value(prefix) ?? 0) >>> (32 - bits)
  );
  return range?.[2] ?? "public";
}

function ipv4Value(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  if (parts.some((part) => part > 255)) return undefined;
  return parts.reduce((value, part) => value * 256 + part, 0) >>> 0;
}

/** The eight groups of an IPv6 address; `undefined` for what is none. */
function ipv6Groups(text: string): readonly number[] | undefined {
  if (!text.includes(":")) return undefined;
  let url: URL;
  try {
    url = new URL(`http://[${text}]/`);
  } catch {
    return undefined;
  }
  const [head = "", tail] = url.hostname.slice(1, -1).split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  return [...before, ...zeros, ...after].map((group) => parseInt(group, 16));
}

/** The IPv4 address that the last two groups hold. */
function lastAddress(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(-2);
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
