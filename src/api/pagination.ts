import type { Page } from "../storage/store.ts";
import { ApiError } from "./api_error.ts";

/** Largest page that a number in a query may ask for: Go's `int` on 64 bits. */
const MAX_INT = 2n ** 63n - 1n;

/**
 * Reads the `n` of a listing.
 *
 * @returns `undefined` where it is absent or empty
 * @throws {ApiError} PAGINATION_NUMBER_INVALID: it is no whole number, negative, or out of range
 */
export function parsePageSize(query: URLSearchParams): number | undefined {
  const text = query.get("n");
  if (text === null || text === "") return undefined;
  if (!/^[+-]?\d{1,30}$/.test(text)) throw invalidPageSize(text);
  const value = BigInt(text.replace("+", ""));
  if (value < 0n || value > MAX_INT) throw invalidPageSize(text);
  return Number(value);
}

/** The error for a page size that is refused; `n` goes out as the client may recognise it. */
export function invalidPageSize(n: string | number): ApiError {
  const detail = { n: typeof n === "string" ? n.slice(0, 64) : n };
  return new ApiError({ code: "PAGINATION_NUMBER_INVALID", detail });
}

/**
 * The header that leads to the next page, in the form of RFC 8288.
 *
 * @param path the path of the request, as the client sees it
 */
export function nextPageLink(
  path: string,
  options: {
    readonly page: Page<unknown>;
    readonly last: string;
    readonly limit: number;
    readonly filter?: Readonly<Record<string, string>>;
  },
): { readonly link: string } {
  const query = new URLSearchParams({ ...options.filter, last: options.last });
  query.set("n", String(options.limit));
  query.sort();
  return { link: `<${path}?${query}>; rel="next"` };
}
