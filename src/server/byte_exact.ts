import type { Handler } from "./handler.ts";

/**
 * Keeps a runtime that compresses by itself from changing bodies on their way out: a manifest must
 * arrive byte for byte, whatever the client accepts.
 *
 * Source: RFC 9111, section 5.2.2.6, which such a runtime heeds.
 */
export function withExactBytes(handler: Handler): Handler {
  return async function answerUntransformed(request, client) {
    const response = await handler(request, client);
    const { headers } = response;
    const current = headers.get("cache-control");
    if (headers.has("content-type") && !current?.includes("no-transform")) {
      headers.set("cache-control", current === null ? "no-transform" : `${current}, no-transform`);
    }
    return response;
  };
}
