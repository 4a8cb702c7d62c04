/** Rules that keys of several sections share. */

import { isIP } from "node:net";
import type { Report } from "../_report.ts";
import type { TextRule } from "../fields.ts";
import type { Path } from "../shape.ts";

const HOST_PORT_REGEXP = /^(?:\[[0-9A-Fa-f:.%]+\]|[^\s:[\]/]*):(\d{1,5})$/;

/** An address to listen at or to connect to; the host may be empty. */
export const HOST_PORT: TextRule = {
  expected: 'a host and port such as "127.0.0.1:5000" or ":5000"',
  test: isHostPort,
};

/** Whom a request may come from: an address, a network, or the peers of a unix socket. */
export const PEERS: TextRule = {
  expected: 'an address, a network such as "10.0.0.0/8", or "unix"',
  test(value) {
    const [address = "", bits, ...rest] = value.split("/");
    if (value === "unix") return true;
    const family = isIP(address);
    if (family === 0 || rest.length > 0) return false;
    return bits === undefined ||
      (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
  },
};

/** An absolute URL of the web. */
export const HTTP_URL: TextRule = {
  expected: 'a URL such as "https://registry.example.com"',
  test: (value) => /^https?:$/.test(parseUrl(value)?.protocol ?? ""),
};

/** Tells whether `value` is `host:port`, with an empty host or an address in brackets too. */
export function isHostPort(value: string): boolean {
  const match = HOST_PORT_REGEXP.exec(value);
  return match !== null && Number(match[1]) <= 65_535;
}

/** Reads an absolute URL that names a host; `undefined` for anything else. */
export function parseUrl(value: string): URL | undefined {
  try {
    const url = new URL(value);
    return url.host === "" ? undefined : url;
  } catch {
    return undefined;
  }
}

/** Notes header names and values that no HTTP message can carry. */
export function checkHeaders(
  headers: Readonly<Record<string, readonly string[]>>,
  { path, report }: { readonly path: Path; readonly report: Report },
): void {
  for (const [name, values] of Object.entries(headers)) {
    for (const value of values.length === 0 ? [""] : values) {
      if (isHeader(name, value)) continue;
      report.problem([...path, name], {
        expected: "a header name and values that HTTP can carry",
        message: "Correct the header: its name or a value has characters that HTTP does not allow",
      });
    }
  }
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}
