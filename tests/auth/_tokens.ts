import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWK, SignJWT } from "jose";
import { NOW_MS } from "./_certificates.ts";

/** What tokens of tests say unless a test says otherwise. */
export const ISSUER = "token server";
export const SERVICE = "registry.test";
export const NOW_SECONDS = NOW_MS / 1000;

/** Claims of a token that counts. */
export const GOOD_CLAIMS = {
  iss: ISSUER,
  aud: SERVICE,
  sub: "alice",
  exp: NOW_SECONDS + 300,
  nbf: NOW_SECONDS,
  iat: NOW_SECONDS,
  access: [{ type: "repository", name: "a", actions: ["pull"] }],
} as const;

/** Signs a token. */
export function signToken(
  claims: Readonly<Record<string, unknown>>,
  { header = {}, key }: {
    readonly header?: Readonly<Record<string, unknown>>;
    readonly key: Parameters<SignJWT["sign"]>[0];
  },
): Promise<string> {
  return new SignJWT({ ...claims }).setProtectedHeader({ alg: "ES256", ...header }).sign(key);
}

/** A key with a name, and its public half as key sets have it. */
export async function namedKey(
  kid: string,
  alg = "ES256",
): Promise<GenerateKeyPairResult & { readonly jwk: JWK }> {
  const keys = await generateKeyPair(alg, { extractable: true });
  return { ...keys, jwk: { ...await exportJWK(keys.publicKey), kid } };
}
