import { assert, assertEquals } from "@std/assert";
import { TokenVerifier } from "../../src/auth/token_verifier.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { NOW_MS } from "./_certificates.ts";
import { right } from "./_requests.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, NOW_SECONDS, SERVICE, signToken } from "./_tokens.ts";

const KEY = await namedKey("k");

function makeVerifier(algorithms: readonly string[] = ["ES256"]) {
  const clock = new ManualTimers(NOW_MS);
  let found = 0;
  const verifier = new TokenVerifier({
    issuer: ISSUER,
    audience: SERVICE,
    algorithms,
    clock,
    findKey: () => Promise.resolve((found++, KEY.publicKey)),
  });
  return { clock, verifier, found: () => found };
}

Deno.test("TokenVerifier reads who a token is for and what it gives, once", async () => {
  const { verifier, found } = makeVerifier();
  const token = await signToken(GOOD_CLAIMS, { key: KEY.privateKey });

  assertEquals(verifier.remembered(token), undefined);
  const verified = await verifier.verify(token);
  assertEquals(verified?.userName, "alice");
  assert(verified?.access.has(right("a", "pull")));
  assertEquals([verifier.remembered(token), found()], [verified, 1]);
});

Deno.test("TokenVerifier forgets a token when it expires", async () => {
  const { verifier, clock } = makeVerifier();
  const token = await signToken(GOOD_CLAIMS, { key: KEY.privateKey });
  await verifier.verify(token);

  await clock.pass(359_999);
  assert(verifier.remembered(token) !== undefined);
  await clock.pass(1);
  assertEquals(verifier.remembered(token), undefined);
  assertEquals(await verifier.verify(token), undefined);
});

Deno.test("TokenVerifier minds every claim, with a minute for clocks that differ", async () => {
  const cases: readonly (readonly [boolean, Readonly<Record<string, unknown>>])[] = [
    [true, {}],
    [true, { sub: "" }],
    [true, { sub: undefined }],
    [false, { sub: 1 }],
    [true, { aud: ["other", SERVICE] }],
    [false, { aud: "other" }],
    [false, { aud: [] }],
    [false, { aud: null }],
    [false, { aud: 7 }],
    [false, { aud: undefined }],
    [false, { iss: "other" }],
    [false, { iss: undefined }],
    [false, { exp: undefined }],
    [false, { exp: "soon" }],
    [false, { exp: NOW_SECONDS + 0.5 }],
    [true, { exp: NOW_SECONDS - 59 }],
    [false, { exp: NOW_SECONDS - 60 }],
    [true, { nbf: undefined }],
    [true, { nbf: NOW_SECONDS + 5 }],
    [true, { nbf: NOW_SECONDS + 60 }],
    [false, { nbf: NOW_SECONDS + 61 }],
    [false, { nbf: NOW_SECONDS - 0.5 }],
    [true, { iat: NOW_SECONDS + 9999, jti: "x" }],
    [true, { access: undefined }],
    [true, { access: null }],
    [false, { access: {} }],
    [false, { access: [{ type: "repository" }] }],
  ];
  const { verifier } = makeVerifier();
  for (const [counts, claims] of cases) {
    const token = await signToken({ ...GOOD_CLAIMS, ...claims }, { key: KEY.privateKey });
    assertEquals(await verifier.verify(token) !== undefined, counts, JSON.stringify(claims));
  }
});

Deno.test("TokenVerifier refuses algorithms that are not wanted, and unknown extensions", async () => {
  const { verifier } = makeVerifier(["RS256"]);
  const token = await signToken(GOOD_CLAIMS, { key: KEY.privateKey });
  assertEquals(await verifier.verify(token), undefined);

  const { verifier: usual } = makeVerifier();
  const [header = "", payload = "", signature = ""] = token.split(".");
  const encode = (value: unknown) => btoa(JSON.stringify(value)).replaceAll("=", "");
  const forged = [
    `${encode({ alg: "none" })}.${payload}.`,
    `${encode({ alg: "none" })}.${payload}.${signature}`,
    `${encode({ alg: "ES256", crit: ["x"], x: 1 })}.${payload}.${signature}`,
    `${header}.${encode({ ...GOOD_CLAIMS, sub: "root" })}.${signature}`,
    `${header}.${payload}.`,
    `${header}.${payload}`,
    "a.b.c",
    "",
    "x".repeat(70_000),
  ];
  for (const text of forged) assertEquals(await usual.verify(text), undefined, text.slice(0, 60));
});
