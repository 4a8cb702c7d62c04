import { createHash } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";
import type { Clock } from "../base/clock.ts";
import type { AccessClaim } from "./access_claims.ts";
import type { UserHashes } from "./htpasswd_file.ts";
import { KEY_ALGORITHM, type KeyRing } from "./key_ring.ts";

/** Options of {@linkcode TokenIssuer}. */
export interface TokenIssuerOptions {
  readonly keys: KeyRing;
  readonly clock: Clock;
  /** Issuer and audience of the tokens. */
  readonly service: string;
  readonly tokenTtlMs: number;
  readonly refreshTtlMs: number;
}

/** A token and when it was made. */
export interface IssuedToken {
  readonly token: string;
  readonly issuedAt: Date;
  readonly expiresInSeconds: number;
}

/** Keeps refresh tokens from being taken for anything else. */
const REFRESH_TYPE = "refresh+jwt";

/** Signs tokens, and refresh tokens for those who want new ones without a password. */
export class TokenIssuer {
  readonly #options: TokenIssuerOptions;

  constructor(options: TokenIssuerOptions) {
    this.#options = options;
  }

  /** Signs a token that gives `access` to somebody; an empty name is nobody in particular. */
  async issue(userName: string, access: readonly AccessClaim[]): Promise<IssuedToken> {
    const { clock, service, tokenTtlMs } = this.#options;
    const issuedAt = new Date(clock.now());
    const token = await this.#sign({ sub: userName, aud: service, access }, {
      issuedAt,
      ttlMs: tokenTtlMs,
      type: "JWT",
    });
    return { token, issuedAt, expiresInSeconds: Math.floor(tokenTtlMs / 1000) };
  }

  /** Signs a refresh token, which counts until the password is changed. */
  async issueRefresh(userName: string, hash: string): Promise<string> {
    const { clock, service, refreshTtlMs } = this.#options;
    const claims = { sub: userName, aud: refreshAudience(service), pwd: passwordMark(hash) };
    const issuedAt = new Date(clock.now());
    return await this.#sign(claims, { issuedAt, ttlMs: refreshTtlMs, type: REFRESH_TYPE });
  }

  /** Whose refresh token it is; `undefined` where it does not count, or not any more. */
  async readRefresh(token: string, users: UserHashes): Promise<string | undefined> {
    const { clock, service, keys } = this.#options;
    try {
      const { payload: { sub = "", pwd } } = await jwtVerify(token, async ({ kid = "" }) => {
        const key = await keys.publicKey(kid);
        if (key === undefined) throw new Error("Cannot find the key of the token");
        return key;
      }, {
        issuer: service,
        audience: refreshAudience(service),
        typ: REFRESH_TYPE,
        algorithms: [KEY_ALGORITHM],
        currentDate: new Date(clock.now()),
        requiredClaims: ["exp"],
      });
      const hash = users.get(sub);
      return hash !== undefined && pwd === passwordMark(hash) ? sub : undefined;
    } catch {
      return undefined;
    }
  }

  async #sign(
    claims: Readonly<Record<string, unknown>>,
    { issuedAt, ttlMs, type }: {
      readonly issuedAt: Date;
      readonly ttlMs: number;
      readonly type: string;
    },
  ): Promise<string> {
    const { kid, privateKey } = await this.#options.keys.signingKey();
    return await new SignJWT({ ...claims })
      .setProtectedHeader({ alg: KEY_ALGORITHM, kid, typ: type })
      .setIssuer(this.#options.service)
      .setIssuedAt(issuedAt)
      .setNotBefore(issuedAt)
      .setExpirationTime(new Date(issuedAt.getTime() + ttlMs))
      .setJti(crypto.randomUUID())
      .sign(privateKey);
  }
}

function refreshAudience(service: string): string {
  return `${service} refresh`;
}

/** Changes with the password, and tells nothing of it: the hash has a salt that nobody sees. */
function passwordMark(hash: string): string {
  return createHash("sha256").update(hash).digest("base64url");
}
