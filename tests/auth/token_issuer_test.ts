import { assertEquals } from "@std/assert";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { KeyRing } from "../../src/auth/key_ring.ts";
import { TokenIssuer } from "../../src/auth/token_issuer.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { MemoryKeyFolder } from "./_keys.ts";

const USERS = new Map([["alice", "hash"]]);

function makeIssuer(service = "svc") {
  const clock = new ManualTimers(1_000_000_000);
  const options = { rotationMs: 1e12, lifetimeMs: 1e12 };
  const keys = new KeyRing(new MemoryKeyFolder(), { ...options, clock });
  const ttl = { tokenTtlMs: 300_000, refreshTtlMs: 3_600_000 };
  return { clock, keys, issuer: new TokenIssuer({ keys, clock, service, ...ttl }) };
}

Deno.test("TokenIssuer.issue writes every claim of a token", async () => {
  const { issuer, keys } = makeIssuer();
  const access = [{ type: "repository", name: "a", actions: ["pull"] }];

  const { token, expiresInSeconds, issuedAt } = await issuer.issue("alice", access);

  const { jti, ...claims } = decodeJwt(token);
  assertEquals([typeof jti, expiresInSeconds, issuedAt.getTime()], ["string", 300, 1_000_000_000]);
  assertEquals(claims, {
    iss: "svc",
    aud: "svc",
    sub: "alice",
    iat: 1_000_000,
    nbf: 1_000_000,
    exp: 1_000_300,
    access,
  });
  const { kid } = await keys.signingKey();
  assertEquals(decodeProtectedHeader(token), { alg: "ES256", kid, typ: "JWT" });
});

Deno.test("TokenIssuer.readRefresh knows whose token it is, until the password changes", async () => {
  const { issuer, clock } = makeIssuer();
  const token = await issuer.issueRefresh("alice", "hash");

  assertEquals(await issuer.readRefresh(token, USERS), "alice");
  assertEquals(await issuer.readRefresh(token, new Map([["alice", "new"]])), undefined);
  assertEquals(await issuer.readRefresh(token, new Map()), undefined);
  await clock.pass(3_600_000);
  assertEquals(await issuer.readRefresh(token, USERS), undefined);
});

Deno.test("TokenIssuer.readRefresh takes nothing else for a refresh token", async () => {
  const { issuer } = makeIssuer();
  const stranger = await makeIssuer().issuer.issueRefresh("alice", "hash");
  const { token } = await issuer.issue("alice", []);

  for (const other of ["", "a.b.c", token, stranger]) {
    assertEquals(await issuer.readRefresh(other, USERS), undefined);
  }
});
