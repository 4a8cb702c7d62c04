import { assert, assertEquals, assertRejects } from "@std/assert";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from "jose";
import { keyIds } from "../../src/auth/key_ids.ts";
import { AuthError } from "../../src/auth/errors.ts";
import { TokenVerifier } from "../../src/auth/token_verifier.ts";
import { loadTrustedKeys } from "../../src/auth/trusted_keys.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { TempFolder } from "../support/temp.ts";
import { certify, chainOf, type Identity, NOW_MS } from "./_certificates.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, SERVICE, signToken } from "./_tokens.ts";

const ALGORITHMS = ["EdDSA", "HS256", "RS256", "PS384", "ES256", "ES384"];

interface Keys {
  readonly roots?: readonly Identity[];
  readonly keys?: readonly JWK[];
}

/** Tells whether tokens count, with these keys in files. */
async function verifierOf(temp: TempFolder, { roots, keys }: Keys) {
  const pem = roots?.map(({ certificate }) => certificate.toString("pem")).join("\n");
  const clock = new ManualTimers(NOW_MS);
  const findKey = await loadTrustedKeys({
    rootCertBundle: pem === undefined ? undefined : await temp.write("roots.pem", pem),
    jwks: keys === undefined ? undefined : await temp.write("keys.json", JSON.stringify({ keys })),
  }, clock);
  const options = { issuer: ISSUER, audience: SERVICE, algorithms: ALGORITHMS, findKey, clock };
  const verifier = new TokenVerifier(options);
  return async (
    header: Readonly<Record<string, unknown>>,
    key: Parameters<typeof signToken>[1]["key"],
  ) => await verifier.verify(await signToken(GOOD_CLAIMS, { header, key })) !== undefined;
}

Deno.test("loadTrustedKeys finds keys of a set by their names, with every algorithm", async () => {
  await using temp = await TempFolder.make();
  const algorithms = ALGORITHMS.filter((alg) => alg !== "HS256");
  const named = await Promise.all(algorithms.map((alg) => namedKey(alg, alg)));
  const secret = crypto.getRandomValues(new Uint8Array(32));
  const oct = { kty: "oct", kid: "HS256", k: btoa(String.fromCharCode(...secret)) };
  const keys = [...named.map(({ jwk }) => jwk), { ...oct, k: toUrl(oct.k) }];
  const counts = await verifierOf(temp, { keys });

  for (const [index, alg] of algorithms.entries()) {
    const { privateKey } = named[index] ?? named[0] as typeof named[number];
    assert(await counts({ alg, kid: alg }, privateKey), alg);
    assert(!await counts({ alg }, privateKey), `${alg} without a name`);
    assert(!await counts({ alg, kid: "other" }, privateKey), `${alg} with another name`);
  }
  assert(await counts({ alg: "HS256", kid: "HS256" }, secret));
});

Deno.test("loadTrustedKeys knows the key of each certificate by each of its names", async () => {
  await using temp = await TempFolder.make();
  const algorithms = ["ES256", "ES384", "RS256", "EdDSA"] as const;
  const roots = await Promise.all(algorithms.map((algorithm) => certify(algorithm, { algorithm })));
  const counts = await verifierOf(temp, { roots });

  for (const [index, alg] of algorithms.entries()) {
    const { keys, certificate } = roots[index] ?? roots[0] as Identity;
    const jwk = await exportJWK(keys.publicKey);
    const ids = await keyIds(jwk, new Uint8Array(certificate.publicKey.rawData));
    assertEquals(ids[0], await calculateJwkThumbprint(jwk));
    for (const kid of ids) assert(await counts({ alg, kid }, keys.privateKey), `${alg} ${kid}`);
  }
  const stranger = await certify("stranger");
  const kid = await calculateJwkThumbprint(await exportJWK(stranger.keys.publicKey));
  assert(!await counts({ kid }, stranger.keys.privateKey));
});

Deno.test("loadTrustedKeys takes the key of a chain that leads to a root", async () => {
  await using temp = await TempFolder.make();
  const root = await certify("root");
  const link = await certify("link", { issuer: root });
  const leaf = await certify("leaf", { issuer: link, algorithm: "RS256", isAuthority: false });
  const stranger = await certify("stranger", { algorithm: "RS256" });
  const counts = await verifierOf(temp, { roots: [root] });
  const alg = "RS256";

  assert(await counts({ alg, x5c: chainOf(leaf, link) }, leaf.keys.privateKey));
  assert(await counts({ alg, jwk: { x5c: chainOf(leaf, link) } }, leaf.keys.privateKey));
  assert(!await counts({ alg, x5c: chainOf(leaf) }, leaf.keys.privateKey));
  assert(!await counts({ alg, x5c: chainOf(stranger) }, stranger.keys.privateKey));
  assert(!await counts({ alg, x5c: chainOf(leaf, link) }, stranger.keys.privateKey));
  assert(!await counts({ alg, x5c: ["AAAA"] }, leaf.keys.privateKey));
  assert(!await counts({ alg, x5c: [] }, leaf.keys.privateKey));
});

Deno.test("loadTrustedKeys takes no key from the token, whatever its header says", async () => {
  await using temp = await TempFolder.make();
  const trusted = await namedKey("trusted");
  const forger = await namedKey("trusted");
  const counts = await verifierOf(temp, { keys: [trusted.jwk] });
  const kid = "trusted";
  const url = "https://forger.test/keys";

  assert(await counts({ kid }, trusted.privateKey));
  assert(await counts({ jwk: { ...forger.jwk, kid } }, trusted.privateKey));
  const headers: readonly Readonly<Record<string, unknown>>[] = [
    { kid },
    { jwk: forger.jwk },
    { kid, jwk: forger.jwk },
    { kid, jwk: { ...forger.jwk, kid: undefined } },
    { kid, jku: url },
    { kid, x5u: url },
    { jku: url },
  ];
  for (const header of headers) {
    assert(!await counts(header, forger.privateKey), JSON.stringify(header));
  }
});

Deno.test("loadTrustedKeys takes no public key for a secret", async () => {
  await using temp = await TempFolder.make();
  const { publicKey, jwk } = await namedKey("rsa", "RS256");
  const identity = await certify("root", { algorithm: "RS256" });
  const counts = await verifierOf(temp, { keys: [jwk], roots: [identity] });
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey as CryptoKey));
  const encode = (text: string) => new TextEncoder().encode(text);
  const secrets = [
    spki,
    encode(JSON.stringify(jwk)),
    encode(jwk.n ?? ""),
    encode(identity.certificate.toString("pem")),
  ];

  for (const secret of secrets) assert(!await counts({ alg: "HS256", kid: "rsa" }, secret));
});

Deno.test("loadTrustedKeys keeps to the algorithm that a key names", async () => {
  await using temp = await TempFolder.make();
  const { privateKey, jwk } = await namedKey("rsa", "RS256");
  const counts = await verifierOf(temp, { keys: [{ ...jwk, alg: "RS256" }] });
  const pss = await generateKeyPair("PS384", { extractable: true });

  assert(await counts({ alg: "RS256", kid: "rsa" }, privateKey));
  assert(!await counts({ alg: "PS384", kid: "rsa" }, pss.privateKey));
});

Deno.test("loadTrustedKeys says what is wrong with a file", async () => {
  await using temp = await TempFolder.make();
  const clock = new ManualTimers(NOW_MS);
  const bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  const cases = [
    ["rootCertBundle", bad, "certificate that cannot be read"],
    ["rootCertBundle", "", "no key"],
    ["jwks", "{", "no JSON"],
    ["jwks", "[]", "no key set"],
    ["jwks", "null", "no key set"],
    ["jwks", '{"keys":[]}', "no key"],
    ["jwks", '{"keys":[{"kty":"oct","k":"AAAA"}]}', "no key"],
  ] as const;
  for (const [field, text, message] of cases) {
    const path = await temp.write("file", text);
    await assertRejects(() => loadTrustedKeys({ [field]: path }, clock), AuthError, message);
  }
  await assertRejects(
    () => loadTrustedKeys({ jwks: temp.join("missing") }, clock),
    Deno.errors.NotFound,
  );
});

function toUrl(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
