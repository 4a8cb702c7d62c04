import type { X509Certificate } from "@peculiar/x509";
import {
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  importJWK,
  importX509,
  type JWK,
} from "jose";
import type { Clock } from "../base/clock.ts";
import { AuthError } from "./errors.ts";
import { keyIds } from "./key_ids.ts";
import type { FindKey } from "./token_verifier.ts";

/** The files of keys that are trusted. */
export interface TrustedKeyFiles {
  /** PEM file of certificates. */
  readonly rootCertBundle?: string | undefined;
  /** JSON Web Key Set. */
  readonly jwks?: string | undefined;
}

/** Algorithms of the keys that a certificate may hold; the first that fits is as good as any. */
const CERTIFICATE_ALGORITHMS = ["RS256", "ES256", "ES384", "ES512", "EdDSA"];

/** Fields of a key that nobody needs who only verifies. */
const PRIVATE_FIELDS = ["d", "p", "q", "dp", "dq", "qi", "oth", "key_ops", "ext"];

/**
 * Reads the keys that are trusted.
 *
 * @throws {AuthError} unavailable: a file is not what it should be, or there is no key
 * @throws {Error} a file cannot be read
 */
export async function loadTrustedKeys(files: TrustedKeyFiles, clock: Clock): Promise<FindKey> {
  const { rootCertBundle, jwks } = files;
  const chains = rootCertBundle === undefined ? undefined : await loadRoots(rootCertBundle);
  const keys = new Map<string, JWK>();
  for (const jwk of chains?.keys ?? []) keys.set(jwk.kid ?? "", jwk);
  for (const jwk of jwks === undefined ? [] : await loadJwks(jwks)) keys.set(jwk.kid ?? "", jwk);
  keys.delete("");
  if (keys.size === 0) throw unusable("no key that could sign a token", rootCertBundle ?? jwks);
  const asymmetric = [...keys.values()].filter(({ kty }) => kty !== "oct");
  const findPublicKey = createLocalJWKSet({ keys: asymmetric });

  return async (header) => {
    const embedded = header.jwk as JWK | undefined;
    const x5c = header.x5c ?? embedded?.x5c;
    if (x5c !== undefined) {
      return await chains?.leafKey({ alg: header.alg, x5c }, clock) ?? refuse();
    }
    // Of a key that comes with the token its name alone counts.
    const kid = embedded === undefined ? header.kid : embedded.kid;
    const jwk = keys.get(kid ?? "");
    if (kid === undefined || jwk === undefined) return refuse();
    if (jwk.kty === "oct") return await importSecret(jwk, header.alg);
    return await findPublicKey({ alg: header.alg, kid });
  };
}

/** A secret signs with HMAC alone, and HMAC with a secret alone. */
async function importSecret(jwk: JWK, alg: string): Promise<CryptoKey | Uint8Array> {
  if (!/^HS(?:256|384|512)$/.test(alg) || (jwk.alg ?? alg) !== alg) return refuse();
  return await importJWK(jwk, alg) as CryptoKey | Uint8Array;
}

function refuse(): never {
  throw new Error("Cannot trust the key of the token");
}

async function loadJwks(path: string): Promise<readonly JWK[]> {
  const text = await Deno.readTextFile(path);
  let set: { readonly keys?: unknown };
  try {
    set = JSON.parse(text);
  } catch {
    throw unusable("no JSON", path);
  }
  const { keys } = set ?? {};
  if (!Array.isArray(keys)) throw unusable('no key set: it has no list "keys"', path);
  return keys.map((key: JWK) => {
    const kept = Object.entries(key).filter(([field]) => !PRIVATE_FIELDS.includes(field));
    return Object.fromEntries(kept) as unknown as JWK;
  });
}

async function loadRoots(path: string) {
  const { isTrustedChain, parseCertificates } = await import("./certificate_chain.ts");
  const { X509Certificate } = await import("@peculiar/x509");
  const text = await Deno.readTextFile(path);
  let roots: readonly X509Certificate[];
  try {
    roots = parseCertificates(text);
  } catch {
    throw unusable("a certificate that cannot be read", path);
  }
  const keys: JWK[] = [];
  for (const root of roots) keys.push(...await namedKeys(root, path));
  return {
    keys,
    /** The key of the first certificate of a chain that leads to a root. */
    async leafKey(
      { alg, x5c }: { readonly alg: string; readonly x5c: readonly string[] },
      clock: Clock,
    ): Promise<CryptoKey> {
      const chain = x5c.map((certificate) => new X509Certificate(certificate));
      const [leaf] = chain;
      const trust = { roots, now: new Date(clock.now()) };
      if (leaf === undefined || !await isTrustedChain(chain, trust)) return refuse();
      return await importX509(leaf.toString("pem"), alg);
    },
  };
}

/** The key of a certificate, once under each of its names. */
async function namedKeys(certificate: X509Certificate, path: string): Promise<JWK[]> {
  const pem = certificate.toString("pem");
  for (const algorithm of CERTIFICATE_ALGORITHMS) {
    const key = await importX509(pem, algorithm, { extractable: true }).catch(() => undefined);
    if (key === undefined) continue;
    const { kty, crv, x, y, n, e } = await exportJWK(key);
    const fields = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) =>
      value !== undefined
    );
    const jwk = Object.fromEntries(fields) as unknown as JWK;
    const ids = await keyIds(jwk, new Uint8Array(certificate.publicKey.rawData));
    return ids.map((kid) => ({ ...jwk, kid }));
  }
  throw unusable(
    `a key of a kind that is not known, "${certificate.publicKey.algorithm.name}"`,
    path,
  );
}

function unusable(what: string, path = ""): AuthError {
  return new AuthError("unavailable", { message: `Cannot use "${path}": it holds ${what}` });
}
