import type { PageRequest } from "./controller.ts";

/** Addresses from which a proxy, rather than a client, is likely to come. */
const INSIDE_REGEXP =
  /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|::ffff:127\.|f[cd][0-9a-f]{2}:|fe80:|@$)/i;

/**
 * The address by which failed attempts are counted. A client cannot choose it: of what a proxy says
 * counts only what the nearest one has added, and only where that one is on the inside.
 */
export function attemptAddress(
  { request, client }: Pick<PageRequest, "request" | "client">,
): string {
  if (!INSIDE_REGEXP.test(client.address)) return client.address;
  const forwarded = request.headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? "";
  return forwarded === "" ? client.address : forwarded;
}
