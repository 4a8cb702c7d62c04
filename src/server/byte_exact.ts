import type { Handler } from "./handler.ts";

/**
 * Keeps the runtime from changing bodies on their way out.
 *
 * Deno up to 2.8 compresses text and JSON by itself where the client accepts it, and weakens their
 * entity tags; a manifest must arrive byte for byte, whatever the client accepts. Such a runtime
 * heeds `Cache-Control: no-transform`.
 *
 * Source: RFC 9111, section 5.2.2.6.
 */
export function withExactBytes(handler: Handler, runtimeVersion: string): Handler {
  if (!compressesByItself(runtimeVersion)) return handler;
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

/** Tells whether this version of Deno compresses bodies without being asked to. */
function compressesByItself(runtimeVersion: string): boolean {
  const [major = 0, minor = 0] = runtimeVersion.split(".").map(Number);
  return major < 2 || (major === 2 && minor < 9);
}
