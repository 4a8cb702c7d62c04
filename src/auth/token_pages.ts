/**
 * The pages of the built-in token service: the token endpoint, and the keys that verify its tokens.
 *
 * Source: Docker token authentication specification; Docker OAuth2 token documentation; RFC 6749.
 *
 * @module
 */

import { toText } from "../base/bytes.ts";
import { readAll, TooLargeError } from "../base/read_all.ts";
import type { AccessSource } from "./access_source.ts";
import { basicChallenge } from "./challenge.ts";
import type { AccessPage, PageRequest } from "./controller.ts";
import { type BasicCredentials, parseBasic } from "./credentials.ts";
import { AuthError, type RefusalReason } from "./errors.ts";
import type { KeyRing } from "./key_ring.ts";
import type { PasswordChecker } from "./password_checker.ts";
import type { TokenIssuer } from "./token_issuer.ts";
import { grantScopes, parseScopes } from "./token_scope.ts";

/** Where the pages are, below the prefix. */
export const TOKEN_PATH = "/auth/token";
/** Where the keys are, below the prefix. */
export const KEYS_PATH = "/auth/keys";

const MAX_FORM_BYTES = 256 * 1024;
const IDLE_TIMEOUT_MS = 30_000;

/** What the pages work with. */
export interface TokenPagesOptions {
  readonly service: string;
  readonly source: AccessSource;
  readonly passwords: PasswordChecker;
  readonly issuer: TokenIssuer;
  readonly keys: KeyRing;
}

/** Somebody who wants a token. */
interface Applicant {
  /** Empty for somebody who has not signed in. */
  readonly userName: string;
  /** A refresh token that goes on to count. */
  readonly refreshToken?: string;
}

/** Makes the pages, by path. */
export function createTokenPages(options: TokenPagesOptions): ReadonlyMap<string, AccessPage> {
  return new Map<string, AccessPage>([
    [TOKEN_PATH, (asked) => answerTokenRequest(options, asked)],
    [KEYS_PATH, ({ request }) => answerKeys(options, request)],
  ]);
}

async function answerTokenRequest(
  options: TokenPagesOptions,
  asked: PageRequest,
): Promise<Response> {
  switch (asked.request.method) {
    case "GET":
      return await answerQuery(options, asked);
    case "POST":
      return await answerForm(options, asked);
    default:
      return new Response(null, { status: 405, headers: { allow: "GET, POST" } });
  }
}

async function answerQuery(options: TokenPagesOptions, asked: PageRequest): Promise<Response> {
  const { url, headers } = asked.request;
  const query = new URLSearchParams(url.split("?", 2)[1] ?? "");
  const authorization = headers.get("authorization");
  const applicant = authorization === null
    ? { userName: "" }
    : await signIn(options, { asked, credentials: parseBasic(authorization) });
  return await reply(options, { applicant, fields: query, isOffline: wantsOffline(query) });
}

function wantsOffline(query: URLSearchParams): boolean {
  return query.get("offline_token") === "true";
}

async function answerForm(options: TokenPagesOptions, asked: PageRequest): Promise<Response> {
  const form = await readForm(asked.request);
  if (form === undefined) return refuseForm("invalid_request", "the form cannot be read");
  const isOffline = form.get("access_type") === "offline";
  switch (form.get("grant_type")) {
    case "password": {
      const userName = form.get("username") ?? "";
      const credentials = { userName, password: form.get("password") ?? "" };
      const applicant = await signIn(options, { asked, credentials });
      return await reply(options, { applicant, fields: form, isOffline });
    }
    case "refresh_token": {
      const refreshToken = form.get("refresh_token") ?? "";
      const { users } = await options.source.get();
      const userName = await options.issuer.readRefresh(refreshToken, users);
      if (userName === undefined) refuse(options, "token invalid");
      return await reply(options, {
        applicant: { userName, refreshToken },
        fields: form,
        isOffline: false,
      });
    }
    default:
      return refuseForm("unsupported_grant_type", 'use "password" or "refresh_token"');
  }
}

/** @throws {AuthError} unauthorized, throttled */
async function signIn(
  options: TokenPagesOptions,
  { asked, credentials }: {
    readonly asked: PageRequest;
    readonly credentials: BasicCredentials | undefined;
  },
): Promise<Applicant> {
  if (credentials === undefined) return refuse(options, "credentials malformed");
  const { source, passwords } = options;
  const { users } = await source.get();
  if (await passwords.check({ ...credentials, users, asker: asked })) return credentials;
  return refuse(options, users.has(credentials.userName) ? "password wrong" : "user unknown");
}

function refuse({ service }: TokenPagesOptions, reason: RefusalReason): never {
  const challenge = basicChallenge(service);
  throw new AuthError("unauthorized", { reason, challenge, access: [] });
}

async function reply(
  { source, issuer }: TokenPagesOptions,
  { applicant, fields, isOffline }: {
    readonly applicant: Applicant;
    readonly fields: URLSearchParams;
    readonly isOffline: boolean;
  },
): Promise<Response> {
  const scopes = parseScopes(fields.getAll("scope"));
  if (scopes === undefined) return refuseForm("invalid_scope", "too many scopes");
  const { users, policy } = await source.get();
  const { userName } = applicant;
  const access = grantScopes(scopes, { policy, userName });
  const { token, issuedAt, expiresInSeconds } = await issuer.issue(userName, access);
  const hash = users.get(userName);
  const refreshToken = isOffline && hash !== undefined
    ? await issuer.issueRefresh(userName, hash)
    : applicant.refreshToken;
  return json({
    token,
    access_token: token,
    token_type: "Bearer",
    expires_in: expiresInSeconds,
    issued_at: issuedAt.toISOString(),
    scope: access.map(({ type, name, actions }) => `${type}:${name}:${actions.join(",")}`)
      .join(" "),
    ...refreshToken === undefined ? {} : { refresh_token: refreshToken },
  });
}

async function answerKeys({ keys }: TokenPagesOptions, { method }: Request): Promise<Response> {
  if (method !== "GET") return new Response(null, { status: 405, headers: { allow: "GET" } });
  return json({ keys: await keys.publicKeys() }, { cacheControl: "public, max-age=60" });
}

async function readForm({ body, headers }: Request): Promise<URLSearchParams | undefined> {
  const type = headers.get("content-type") ?? "";
  if (body === null || !/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
  try {
    const options = { maxBytes: MAX_FORM_BYTES, idleTimeoutMs: IDLE_TIMEOUT_MS };
    return new URLSearchParams(toText(await readAll(body, options)));
  } catch (error) {
    if (error instanceof TooLargeError) return undefined;
    throw error;
  }
}

/** Source: RFC 6749, section 5.2. */
function refuseForm(error: string, description: string): Response {
  return json({ error, error_description: description }, { status: 400 });
}

function json(
  document: unknown,
  { status = 200, cacheControl = "no-store" }: {
    readonly status?: number;
    readonly cacheControl?: string;
  } = {},
): Response {
  const headers = { "content-type": "application/json", "cache-control": cacheControl };
  return new Response(`${JSON.stringify(document)}\n`, { status, headers });
}
