import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

const TOKEN = "realm: https://r, issuer: i, service: s";

Deno.test("resolveAuth asks for nothing without a type", () => {
  for (const text of ["", "auth:", "auth: {}", "auth: none", "auth: None", "auth: {none: }"]) {
    assertEquals(configOf(`${BASE}${text}`).auth, { type: "none" }, text);
  }
});

Deno.test("resolveAuth reads silly and htpasswd", () => {
  assertEquals(configOf(`${BASE}auth: {silly: {realm: r, service: s}}`).auth, {
    type: "silly",
    realm: "r",
    service: "s",
  });
  assertEquals(configOf(`${BASE}auth: {htpasswd: {realm: r, path: /p}}`).auth, {
    type: "htpasswd",
    realm: "r",
    path: "/p",
  });
});

Deno.test("resolveAuth reads every key of token", () => {
  const text = `${BASE}auth: {token: {${TOKEN}, rootcertbundle: /c, jwks: /j, autoredirect: yes,
    autoredirectpath: /t, signingalgorithms: [RS256, EdDSA]}}`;
  assertEquals(configOf(text).auth, {
    type: "token",
    realm: "https://r",
    issuer: "i",
    service: "s",
    rootCertBundle: "/c",
    jwks: "/j",
    autoRedirect: true,
    autoRedirectPath: "/t",
    signingAlgorithms: ["RS256", "EdDSA"],
  });
});

Deno.test("resolveAuth allows all algorithms where the file names none", () => {
  const { auth } = configOf(`${BASE}auth: {token: {${TOKEN}, jwks: /j}}`);
  assertEquals(auth.type === "token" && auth.signingAlgorithms.length, 13);
  assertEquals(auth.type === "token" && auth.autoRedirectPath, "/auth/token");
});

Deno.test("resolveAuth tells what a type lacks", () => {
  assertEquals(rawProblemsOf(`${BASE}auth: {token: }`).map(({ path }) => path), [
    "auth.token.realm",
    "auth.token.issuer",
    "auth.token.service",
    "auth.token.rootcertbundle",
  ]);
  assertEquals(problemsOf(`${BASE}auth: htpasswd`), [
    "auth.htpasswd.realm: Add the missing key: Realm that clients are told",
    "auth.htpasswd.path: Add the missing key: File of users with bcrypt hashes",
  ]);
});

Deno.test("resolveAuth refuses two types, unknown types and unknown algorithms", () => {
  const two = `${BASE}auth: {silly: {realm: r, service: s}, htpasswd: {realm: r, path: p}}`;
  assertEquals(rawProblemsOf(two).map(({ path }) => path), ["auth"]);
  assertEquals(problemsOf(`${BASE}auth: {tokn: {}}`), [
    'auth.tokn: Correct "tokn", which is unknown; the nearest known key is "auth.token"',
  ]);
  const algorithm = `${BASE}auth: {token: {${TOKEN}, jwks: /j, signingalgorithms: [none]}}`;
  assertEquals(rawProblemsOf(algorithm).map(({ path, found }) => [path, found]), [
    ["auth.token.signingalgorithms[0]", '"none"'],
  ]);
});

Deno.test("resolveAuth reads every key of stowage, and fills in what is missing", () => {
  assertEquals(configOf(`${BASE}auth: {stowage: {path: /a.yml}}`).auth, {
    type: "stowage",
    path: "/a.yml",
    service: "stowage",
    tokenTtlMs: 300_000,
    refreshTtlMs: 2_592_000_000,
    keyRotationMs: 7_776_000_000,
  });
  const text = `${BASE}auth: {stowage: {path: /a.yml, realm: https://r/auth/token, service: s,
    tokenttl: 1m, refreshttl: 1h, keys: /k, keyrotation: 24h}}`;
  assertEquals(configOf(text).auth, {
    type: "stowage",
    path: "/a.yml",
    realm: "https://r/auth/token",
    service: "s",
    tokenTtlMs: 60_000,
    refreshTtlMs: 3_600_000,
    keys: "/k",
    keyRotationMs: 86_400_000,
  });
});
