import {
  calculateJwkThumbprint,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import type { Clock } from "../base/clock.ts";
import { SingleFlight } from "../base/single_flight.ts";
import type { KeyFolder } from "./key_folder.ts";

/** The algorithm of the keys. */
export const KEY_ALGORITHM = "ES256";

/** How old what is known of the folder may be before a token is signed, in milliseconds. */
const REFRESH_MS = 60_000;
/** Shortest time between two looks for a key that is not known, in milliseconds. */
const SEARCH_REST_MS = 5000;

const FILE_REGEXP = /^[A-Za-z0-9_-]+\.json$/;

/** A key that signs. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
}

interface Key extends SigningKey {
  readonly createdAtMs: number;
  readonly publicKey: CryptoKey;
  readonly publicJwk: JWK;
}

/** Options of {@linkcode KeyRing}. */
export interface KeyRingOptions {
  readonly clock: Clock;
  /** How long one key signs, in milliseconds. */
  readonly rotationMs: number;
  /** How long what a key has signed may count, in milliseconds. */
  readonly lifetimeMs: number;
}

/**
 * The keys that sign tokens. Every one in the folder is trusted, and the newest signs; so threads and
 * replicas that each make a key at the same time agree all the same, a moment later.
 */
export class KeyRing {
  readonly #folder: KeyFolder;
  readonly #options: KeyRingOptions;
  readonly #flights = new SingleFlight<void>();
  #keys: ReadonlyMap<string, Key> = new Map();
  #readAtMs = -Infinity;

  constructor(folder: KeyFolder, options: KeyRingOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** The key to sign with; the first, and the next when one has signed for long enough, is made. */
  async signingKey(): Promise<SigningKey> {
    const { clock, rotationMs } = this.#options;
    await this.#refresh(REFRESH_MS);
    let newest = this.#newest();
    if (newest === undefined || clock.now() - newest.createdAtMs >= rotationMs) {
      await this.#flights.run("make", () => this.#make());
      newest = this.#newest();
    }
    if (newest === undefined) throw new Error("Cannot sign: the new key is gone from its folder");
    return newest;
  }

  /** The public half of a key; `undefined` where there is none of this name. */
  async publicKey(kid: string): Promise<CryptoKey | undefined> {
    await this.#refresh(this.#keys.has(kid) ? REFRESH_MS : SEARCH_REST_MS);
    return this.#keys.get(kid)?.publicKey;
  }

  /** The public halves of all keys. */
  async publicKeys(): Promise<readonly JWK[]> {
    await this.#refresh(REFRESH_MS);
    return [...this.#keys.values()].map(({ publicJwk }) => publicJwk);
  }

  #newest(): Key | undefined {
    return [...this.#keys.values()].sort(byAge).at(-1);
  }

  async #refresh(maxAgeMs: number): Promise<void> {
    if (this.#options.clock.now() - this.#readAtMs < maxAgeMs) return;
    await this.#flights.run("read", () => this.#read());
  }

  async #read(): Promise<void> {
    const readAtMs = this.#options.clock.now();
    const keys = new Map<string, Key>();
    for (const name of await this.#folder.list()) {
      if (!FILE_REGEXP.test(name)) continue;
      const kid = name.slice(0, -".json".length);
      const key = this.#keys.get(kid) ?? await readKey(kid, await this.#folder.read(name) ?? "");
      if (key !== undefined) keys.set(kid, key);
    }
    this.#keys = keys;
    this.#readAtMs = readAtMs;
  }

  async #make(): Promise<void> {
    const { privateKey } = await generateKeyPair(KEY_ALGORITHM, { extractable: true });
    const jwk = await exportJWK(privateKey);
    const kid = await calculateJwkThumbprint(jwk);
    const createdAt = new Date(this.#options.clock.now()).toISOString();
    await this.#folder.write(`${kid}.json`, JSON.stringify({ createdAt, key: jwk }));
    await this.#read();
    await this.#removeOutlived();
  }

  /** A key goes when nothing counts any more that it has signed before the next one was made. */
  async #removeOutlived(): Promise<void> {
    const { clock, lifetimeMs } = this.#options;
    const keys = [...this.#keys.values()].sort(byAge);
    for (const [index, { kid }] of keys.entries()) {
      const next = keys[index + 1];
      if (next === undefined || clock.now() - next.createdAtMs < lifetimeMs) continue;
      await this.#folder.remove(`${kid}.json`);
    }
    await this.#read();
  }
}

function byAge(a: Key, b: Key): number {
  return a.createdAtMs - b.createdAtMs || (a.kid < b.kid ? -1 : 1);
}

/** Reads the file of a key; `undefined` where it is something else. */
async function readKey(kid: string, text: string): Promise<Key | undefined> {
  try {
    const { createdAt, key } = JSON.parse(text) as { createdAt: string; key: JWK };
    const createdAtMs = Date.parse(createdAt);
    const { kty, crv, x, y } = key;
    if (kty !== "EC" || crv !== "P-256" || x === undefined || y === undefined) return undefined;
    if (Number.isNaN(createdAtMs) || await calculateJwkThumbprint(key) !== kid) return undefined;
    const publicJwk: JWK = { kty, crv, x, y, kid, alg: KEY_ALGORITHM, use: "sig" };
    return {
      kid,
      createdAtMs,
      publicJwk,
      privateKey: await importJWK(key, KEY_ALGORITHM) as CryptoKey,
      publicKey: await importJWK(publicJwk, KEY_ALGORITHM) as CryptoKey,
    };
  } catch {
    // Somebody else's file, or one that is gone by now.
    return undefined;
  }
}
