import type { Logger } from "@logtape/logtape";
import { type Clock, SYSTEM_CLOCK } from "../base/clock.ts";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import { Authorizer } from "./authorizer.ts";
import { type CredentialSource, staticCredentials } from "./credentials.ts";
import { type AnswerNotes, RegistryClient } from "./registry_client.ts";
import { type Fetch, type Resolve, SafeFetch } from "./safe_fetch.ts";

/** Options of {@linkcode connectRegistry}. */
export interface ConnectOptions {
  /** @default nobody's */
  readonly credentials?: CredentialSource | undefined;
  /**
   * Hosts, with their port where it is not the scheme's own, that may be token servers of the
   * registry, and may be gone to wherever they are. @default none
   */
  readonly allowedHosts?: readonly string[];
  readonly log: Logger;
  /** Is told of each answer. @default nobody is */
  readonly observe?: ((notes: AnswerNotes) => void) | undefined;
  /** Longest wait for an answer to begin, in milliseconds. @default 15 seconds */
  readonly timeoutMs?: number;
  /** @default that of the runtime */
  readonly fetch?: Fetch;
  /** @default that of the machine */
  readonly resolve?: Resolve;
  readonly clock?: Clock;
  readonly timers?: Timers;
}

/** Makes a client of the registry at `url`; it is not asked before something is wanted of it. */
export async function connectRegistry(
  url: string,
  options: ConnectOptions,
): Promise<RegistryClient> {
  const { log, observe, allowedHosts = [], timeoutMs = 15_000 } = options;
  const { clock = SYSTEM_CLOCK, timers = SYSTEM_TIMERS } = options;
  const { fetch = (target, init) => globalThis.fetch(target, init) } = options;
  const { resolve = resolveHost, credentials = staticCredentials(undefined) } = options;
  const upstream = new URL(url);
  const http = new SafeFetch({ upstream, allowedHosts, fetch, resolve, timers });
  // The list of public suffixes is large: only who asks another registry loads it.
  const { getDomain } = await import("tldts");
  const authorizer = new Authorizer({
    upstream,
    credentials,
    allowedHosts,
    registrableDomain: (hostname) =>
      getDomain(hostname, { allowPrivateDomains: true }) ?? undefined,
    http,
    timeoutMs,
    clock,
    log,
  });
  return new RegistryClient({ upstream, http, authorizer, clock, timeoutMs, observe });
}

/** The addresses of a host, as the system resolves it. */
async function resolveHost(hostname: string): Promise<readonly string[]> {
  const { lookup } = await import("node:dns/promises");
  const addresses = await lookup(hostname, { all: true });
  return addresses.map(({ address }) => address);
}
