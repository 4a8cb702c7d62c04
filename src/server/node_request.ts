import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { pauseSocketWith } from "./pause_socket.ts";
import { receivedBody, type ReceivedBodyOptions } from "./received_body.ts";

/** A request of either version of HTTP. */
type Incoming = IncomingMessage | Http2ServerRequest;

/** Methods that a `Request` can have no body with, or cannot have at all. */
const BODILESS_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD"]);
const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/** Options of {@linkcode toRequest}. */
export interface ToRequestOptions extends ReceivedBodyOptions {
  readonly scheme: "http" | "https";
  /** The host where the client names none. */
  readonly fallbackHost: string;
}

/**
 * Makes the `Request` of what came over `node:http`.
 *
 * @throws {TypeError} its headers cannot be those of a request
 */
export function toRequest(incoming: Incoming, options: ToRequestOptions): Request {
  const { method = "GET" } = incoming;
  // Not as `Headers`: a request would sort them, and cost three times as much.
  const headers = pairs(incoming.rawHeaders);
  const body = hasBody(incoming) ? toStream(incoming, options) : null;
  const known = FORBIDDEN_METHODS.has(method) ? "POST" : method;
  const url = urlOf(incoming, options);
  const request = makeRequest(url, { method: known, headers, body });
  // A `Request` cleans its URL, and gives some methods another case: what the client sent counts.
  if (request.url !== url) Object.defineProperty(request, "url", { value: url });
  if (request.method !== method) Object.defineProperty(request, "method", { value: method });
  return request;
}

function makeRequest(url: string, init: RequestInit): Request {
  return new Request(URL.canParse(url) ? url : "http://localhost/", init);
}

/** The URL as the client sent it, with nothing cleaned. */
function urlOf(incoming: Incoming, { scheme, fallbackHost }: ToRequestOptions): string {
  const { url: target = "/", headers } = incoming;
  // HTTP/2 has the host in a place of its own.
  const host = headers[":authority"]?.toString() ?? headers.host;
  if (!target.startsWith("/") && target.includes("://")) return target;
  const path = target.startsWith("/") ? target : `/${target}`;
  return `${scheme}://${host === undefined || host === "" ? fallbackHost : host}${path}`;
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 1; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index - 1] ?? "";
    // Those of HTTP/2 that begin with a colon are no headers.
    if (!name.startsWith(":")) found.push([name, rawHeaders[index] ?? ""]);
  }
  return found;
}

function hasBody(incoming: Incoming): boolean {
  const { headers, method = "GET" } = incoming;
  if (BODILESS_METHODS.has(method) || headers["content-length"] === "0") return false;
  // With HTTP/2 the headers need not tell.
  if ("stream" in incoming) return !incoming.stream.endAfterHeaders;
  return headers["transfer-encoding"] !== undefined || headers["content-length"] !== undefined;
}

function toStream(
  incoming: Incoming,
  options: ToRequestOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  // HTTP/2 lets a client send no more than is read by itself.
  if (options.scheme === "https" && !("stream" in incoming)) pauseSocketWith(incoming);
  return receivedBody(incoming, options);
}
