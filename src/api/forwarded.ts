/** What RFC 7230 calls a token, and beyond ASCII whatever a proxy may use. */
const TOKEN = String.raw`[^"(),\/:;<=>?@[\]{}\s\p{Cc}]+`;
const QUOTED = String.raw`"([^"\\]*(?:\\[\t\x20-\x7e][^"\\]*)*)"`;

/** One `key=value` with blanks around it, and what ends it: another one, the element, the header. */
const PAIR_REGEXP = new RegExp(
  String.raw`\s*(${TOKEN})\s*=\s*(?:${QUOTED}|(${TOKEN}))\s*(;\s*$|[;,]|$)`,
  "uy",
);
const NOTHING_REGEXP = /^\s*(?:,|$)/;

/**
 * Reads the first element of a `Forwarded` header, which the proxy next to the client has written.
 *
 * Tolerated are blanks around tokens, a trailing `;`, and an empty first element, which says
 * nothing. A key that comes twice makes the header invalid.
 *
 * Source: RFC 7239, section 4; reference of Distribution, "URL building".
 *
 * @returns the values by their keys in lower case; `undefined` where the element is invalid
 */
export function parseForwarded(header: string): ReadonlyMap<string, string> | undefined {
  const values = new Map<string, string>();
  if (NOTHING_REGEXP.test(header)) return values;
  PAIR_REGEXP.lastIndex = 0;
  while (true) {
    const match = PAIR_REGEXP.exec(header);
    if (match === null) return undefined;
    const [, key = "", quoted, token, end] = match;
    const name = key.toLowerCase();
    if (values.has(name)) return undefined;
    values.set(name, quoted === undefined ? token ?? "" : quoted.replaceAll(/\\(.)/g, "$1"));
    if (end !== ";" || PAIR_REGEXP.lastIndex === header.length) return values;
  }
}
