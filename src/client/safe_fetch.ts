import type { Timers } from "../base/timers.ts";
import { ClientError } from "./errors.ts";
import { isAddress, isWeb, type Reach, reachOf } from "./host_rules.ts";

/** Asks a server; `fetch` of the runtime, or a test's. */
export type Fetch = (url: URL, init: RequestInit) => Promise<Response>;

/** Finds the addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** What {@linkcode SafeFetch} needs. */
export interface SafeFetchOptions {
  /** The registry that is asked: where it is, the operator has said. */
  readonly upstream: URL;
  /** Hosts that may be gone to wherever they are. */
  readonly allowedHosts: readonly string[];
  readonly fetch: Fetch;
  readonly resolve: Resolve;
  readonly timers: Timers;
}

/** A request of {@linkcode SafeFetch}. */
export interface SafeRequest {
  readonly method: "GET" | "HEAD" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the headers of the answer, in milliseconds. */
  readonly timeoutMs: number;
  /** Ends the request and the body of its answer. */
  readonly signal?: AbortSignal | undefined;
}

/** So many redirects are followed. */
const MAX_REDIRECTS = 5;

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/**
 * Fetches for one upstream, wherever that sends it, as far as that is safe: credentials go to no
 * other host than they were meant for, no connection becomes weaker, and a public registry cannot
 * send this program into the network that it runs in.
 *
 * Addresses are looked up once more by the runtime when it connects: a name server that answers
 * differently from one moment to the next is not caught.
 */
export class SafeFetch {
  readonly #options: SafeFetchOptions;
  #upstreamReach: Promise<Reach> | undefined;

  constructor(options: SafeFetchOptions) {
    this.#options = options;
  }

  /**
   * Sends a request and follows redirects.
   *
   * @throws {ClientError} unavailable, refused
   */
  async send(start: URL, request: SafeRequest): Promise<Response> {
    let url = start;
    let headers = request.headers;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      await this.check(url);
      const response = await this.#fetch(url, { ...request, headers });
      const location = response.headers.get("location");
      if (!REDIRECTS.includes(response.status) || location === null) return response;
      await response.body?.cancel();
      const next = parseLocation(location, url);
      if (next.host !== url.host || next.protocol !== url.protocol) {
        headers = withoutCredentials(headers);
      }
      url = next;
    }
    throw new ClientError("refused", `Cannot fetch from "${start.host}": too many redirects`);
  }

  /**
   * Refuses places that the upstream has no business to send anybody to.
   *
   * @throws {ClientError} refused
   */
  async check(url: URL): Promise<void> {
    const { upstream, allowedHosts } = this.#options;
    if (url.host === upstream.host && url.protocol === upstream.protocol) return;
    if (!isWeb(url)) throw refused(url, `its scheme is "${url.protocol.slice(0, -1)}"`);
    if (upstream.protocol === "https:" && url.protocol !== "https:") {
      throw refused(url, "it is not https, as the registry is");
    }
    if (allowedHosts.includes(url.host)) return;
    const reach = await this.#reach(url.hostname);
    if (reach === "public") return;
    if (reach === "link_local") throw refused(url, "its address is link-local");
    this.#upstreamReach ??= this.#reach(upstream.hostname);
    if (await this.#upstreamReach === "public") throw refused(url, "its address is private");
  }

  /** The least reach of all addresses of a host. */
  async #reach(hostname: string): Promise<Reach> {
    if (isAddress(hostname)) return reachOf(hostname);
    let addresses: readonly string[];
    try {
      addresses = await this.#options.resolve(hostname);
    } catch (cause) {
      throw new ClientError("unavailable", `Cannot find the address of "${hostname}"`, { cause });
    }
    const reaches = addresses.map(reachOf);
    if (reaches.includes("link_local")) return "link_local";
    return reaches.length === 0 || reaches.includes("private") ? "private" : "public";
  }

  async #fetch(url: URL, request: SafeRequest): Promise<Response> {
    const { fetch, timers } = this.#options;
    const { method, headers, timeoutMs, signal } = request;
    const stop = new AbortController();
    const cancelTimer = timers.after(timeoutMs, () => stop.abort(new Error("no answer in time")));
    const abort = () => stop.abort(signal?.reason);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    try {
      // Content has to come byte for byte: no coding that the runtime would undo.
      const init = { method, headers: { ...headers, "accept-encoding": "identity" } };
      return await fetch(url, { ...init, redirect: "manual", signal: stop.signal });
    } catch (cause) {
      // The runtime's own message may quote the URL, which may be signed.
      const reason = stop.signal.aborted ? "no answer in time" : "the connection failed";
      throw new ClientError("unavailable", `Cannot reach "${url.host}": ${reason}`, { cause });
    } finally {
      cancelTimer();
      // A body that still comes is ended by whoever reads it.
    }
  }
}

function parseLocation(location: string, base: URL): URL {
  try {
    return new URL(location, base);
  } catch {
    throw new ClientError("refused", `Cannot follow a redirect of "${base.host}": it is no URL`);
  }
}

function withoutCredentials(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "authorization"));
}

function refused(url: URL, reason: string): ClientError {
  return new ClientError("refused", `Cannot go to "${url.host}": ${reason}`);
}
