import type { Logger } from "@logtape/logtape";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { readAll } from "../base/read_all.ts";
import { SingleFlight } from "../base/single_flight.ts";
import { toBytes, toText } from "../base/bytes.ts";
import { parseChallenges } from "./challenge.ts";
import type { Credentials, CredentialSource } from "./credentials.ts";
import { ClientError } from "./errors.ts";
import { mayHaveCredentials, type RegistrableDomain } from "./host_rules.ts";
import type { SafeFetch } from "./safe_fetch.ts";

/** What {@linkcode Authorizer} needs. */
export interface AuthorizerOptions {
  readonly upstream: URL;
  readonly credentials: CredentialSource;
  /** Hosts, with their port where it is not the scheme's own, that may be token servers. */
  readonly allowedHosts: readonly string[];
  readonly registrableDomain: RegistrableDomain;
  readonly http: SafeFetch;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How a registry wants to be asked. */
type Scheme =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

interface Token {
  readonly header: string;
  readonly untilMs: number;
}

/** A token counts for so long at least, in milliseconds. Source: Distribution's token handling. */
const MIN_LIFETIME_MS = 60_000;
/** A token is not used for the last part of its life, in milliseconds: it has a way to go. */
const MARGIN_MS = 5_000;
/** Many times what the largest token takes. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** Tokens in memory. */
const MAX_TOKENS = 5_000;

/**
 * Knows how one registry wants to be asked, and has what it wants: HTTP basic, or tokens from a
 * token server, one for each scope. Credentials are sent to the registry itself, and to a token
 * server that belongs to it; any other that it names gets nothing, not even a request.
 *
 * Source: reference of Distribution, "Talking upstream".
 */
export class Authorizer {
  readonly #options: AuthorizerOptions;
  readonly #tokens = new LRUCache<string, Token>({ max: MAX_TOKENS });
  readonly #flights = new SingleFlight<Token>();
  #scheme: Scheme | undefined;

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /**
   * The header to ask with, as far as it is known; `undefined`: ask without.
   *
   * @param scope what is asked for, as `repository:<name>:pull`
   * @throws {ClientError} any code: the token server refuses or fails
   */
  async header(scope: string): Promise<string | undefined> {
    const scheme = this.#scheme;
    if (scheme === undefined) return undefined;
    if (scheme.kind === "basic") return await this.#basicHeader();
    const kept = this.#tokens.get(scope);
    if (kept !== undefined && this.#options.clock.now() < kept.untilMs) return kept.header;
    const token = await this.#flights.run(scope, () => this.#fetchToken(scheme, scope));
    return token.header;
  }

  /**
   * Takes the registry's answer that it wants credentials, or others.
   *
   * @param sent the header that was refused
   * @returns whether asking once more with {@linkcode header} is worth it
   */
  learn(challenge: string, { scope, sent }: { scope: string; sent: string | undefined }): boolean {
    const kept = this.#tokens.get(scope);
    // Whoever asked at the same time may have fetched another token already.
    if (kept !== undefined && kept.header !== sent) return true;
    this.#tokens.delete(scope);
    const scheme = this.#choose(challenge);
    if (scheme === undefined) return false;
    const isSame = this.#scheme?.kind === scheme.kind;
    this.#scheme = scheme;
    return sent === undefined || scheme.kind === "bearer" || !isSame;
  }

  #choose(header: string): Scheme | undefined {
    const { upstream, log } = this.#options;
    for (const { scheme, parameters } of parseChallenges(header)) {
      if (scheme === "basic") return { kind: "basic" };
      const realm = scheme === "bearer" ? parseRealm(parameters["realm"], upstream) : undefined;
      if (realm === undefined) continue;
      if (mayHaveCredentials(realm, this.#options)) {
        return { kind: "bearer", realm, service: parameters["service"] };
      }
      log.warn("ignored a token server: it does not belong to the registry", {
        "proxy.upstream": upstream.host,
        "proxy.realm": realm.host,
      });
    }
    return undefined;
  }

  async #basicHeader(): Promise<string | undefined> {
    const { credentials, upstream } = this.#options;
    const found = await credentials.get(upstream.host);
    return found && basicHeader(found);
  }

  async #fetchToken(
    { realm, service }: Scheme & { kind: "bearer" },
    scope: string,
  ): Promise<Token> {
    const { http, credentials, timeoutMs, clock } = this.#options;
    const found = await credentials.get(realm.host);
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.append("scope", scope);
    if (found !== undefined) url.searchParams.set("account", found.username);
    const headers: Record<string, string> = found ? { authorization: basicHeader(found) } : {};
    const response = await http.send(url, { method: "GET", headers, timeoutMs });
    if (!response.ok) {
      await response.body?.cancel();
      throw tokenRefused(realm, response.status);
    }
    const body = response.body === null ? new Uint8Array(0) : await readAll(response.body, {
      maxBytes: MAX_ANSWER_BYTES,
      idleTimeoutMs: timeoutMs,
    }).catch((cause: unknown) => {
      throw new ClientError("unavailable", `Cannot read the token of "${realm.host}"`, { cause });
    });
    const { token, lifetimeMs } = readToken(body, realm);
    const untilMs = clock.now() + Math.max(lifetimeMs, MIN_LIFETIME_MS) - MARGIN_MS;
    const fetched = { header: `Bearer ${token}`, untilMs };
    this.#tokens.set(scope, fetched);
    return fetched;
  }
}

function parseRealm(realm: string | undefined, upstream: URL): URL | undefined {
  try {
    return realm === undefined ? undefined : new URL(realm, upstream);
  } catch {
    return undefined;
  }
}

function basicHeader({ username, password }: Credentials): string {
  const bytes = toBytes(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

function tokenRefused(realm: URL, status: number): ClientError {
  const message = `Cannot get a token from "${realm.host}": status ${status}`;
  if (status === 401) return new ClientError("unauthorized", message, { status });
  if (status === 403) return new ClientError("denied", message, { status });
  if (status === 429) return new ClientError("too_many_requests", message, { status });
  return new ClientError("unavailable", message, { status });
}

const HEADER_VALUE_REGEXP = /^[\x21-\x7e]+$/;

/** Source: Docker registry token specification: `token` and `access_token` are the same. */
function readToken(body: Uint8Array, realm: URL): { token: string; lifetimeMs: number } {
  const problem = (cause?: unknown) =>
    new ClientError("invalid_answer", `Cannot read the token of "${realm.host}"`, { cause });
  let answer: unknown;
  try {
    answer = JSON.parse(toText(body));
  } catch {
    throw problem();
  }
  const fields = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const token = fields["token"] || fields["access_token"];
  if (typeof token !== "string" || !HEADER_VALUE_REGEXP.test(token)) throw problem();
  const seconds = fields["expires_in"];
  return { token, lifetimeMs: typeof seconds === "number" && seconds > 0 ? seconds * 1000 : 0 };
}
