import { type CryptoKey, type JWTHeaderParameters, type JWTPayload, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { AccessSet, readAccessClaims } from "./access_claims.ts";
import { createKeyedDigest } from "./keyed_digest.ts";

/** How far clocks may differ, in seconds. */
const LEEWAY_SECONDS = 60;
const MAX_REMEMBERED = 10_000;
/** Longest token that is looked at, in characters; no server sends more in a header. */
const MAX_TOKEN_LENGTH = 64 * 1024;

/** Finds the key that a token says it is signed with. @throws {Error} it is not trusted */
export type FindKey = (header: JWTHeaderParameters) => Promise<CryptoKey | Uint8Array>;

/** Options of {@linkcode TokenVerifier}. */
export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audience: string;
  /** Algorithms that may sign. */
  readonly algorithms: readonly string[];
  readonly findKey: FindKey;
  readonly clock: Clock;
}

/** What a token says whose signature and claims hold. */
export interface VerifiedToken {
  /** The subject; may be empty. */
  readonly userName: string;
  readonly access: AccessSet;
}

interface Remembered extends VerifiedToken {
  /** The last moment at which it counts, in milliseconds. */
  readonly validUntilMs: number;
}

/**
 * Verifies tokens: once in full, then until they expire by a keyed digest.
 *
 * Source: reference of Distribution, "token"; RFC 7519; RFC 8725.
 */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;
  readonly #digest = createKeyedDigest();
  readonly #remembered = new LRUCache<string, Remembered>({ max: MAX_REMEMBERED });

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** What a token says that was verified before and still counts. */
  remembered(token: string): VerifiedToken | undefined {
    const known = this.#remembered.get(this.#digest(token));
    return known !== undefined && this.#options.clock.now() < known.validUntilMs
      ? known
      : undefined;
  }

  /** What a token says; `undefined` where it does not count, for whatever reason. */
  async verify(token: string): Promise<VerifiedToken | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const { issuer, audience, algorithms, findKey, clock } = this.#options;
    let payload: JWTPayload;
    try {
      ({ payload } = await jwtVerify(token, findKey, {
        issuer,
        audience,
        algorithms: [...algorithms],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(clock.now()),
        requiredClaims: ["exp"],
      }));
    } catch {
      // What is wrong with it helps nobody but its forger.
      return undefined;
    }
    const verified = readClaims(payload);
    if (verified !== undefined) this.#remembered.set(this.#digest(token), verified);
    return verified;
  }
}

function readClaims({ sub = "", access, exp, nbf, iat }: JWTPayload): Remembered | undefined {
  const claims = readAccessClaims(access);
  const times = [exp, nbf, iat].filter((time) => time !== undefined);
  if (claims === undefined || exp === undefined) return undefined;
  if (typeof sub !== "string" || !times.every(Number.isInteger)) return undefined;
  const validUntilMs = (exp + LEEWAY_SECONDS) * 1000;
  return { userName: sub, access: new AccessSet(claims), validUntilMs };
}
