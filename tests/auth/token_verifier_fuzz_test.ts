import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TokenVerifier } from "../../src/auth/token_verifier.ts";
import { ManualTimers } from "../support/manual_timers.ts";
import { NOW_MS } from "./_certificates.ts";
import { GOOD_CLAIMS, ISSUER, namedKey, SERVICE, signToken } from "./_tokens.ts";

const KEY = await namedKey("k");
const TOKEN = await signToken(GOOD_CLAIMS, { key: KEY.privateKey });

function makeVerifier(): TokenVerifier {
  return new TokenVerifier({
    issuer: ISSUER,
    audience: SERVICE,
    algorithms: ["ES256"],
    clock: new ManualTimers(NOW_MS),
    findKey: () => Promise.resolve(KEY.publicKey),
  });
}

Deno.test("TokenVerifier refuses every text that is no token, and never fails", async () => {
  const verifier = makeVerifier();
  const part = fc.oneof(fc.base64String(), fc.json().map((text) => btoa(encodeURI(text))));
  const text = fc.oneof(fc.string(), fc.array(part, { minLength: 1, maxLength: 6 }).map(join));
  await fc.assert(fc.asyncProperty(text, async (token) => {
    assertEquals(await verifier.verify(token), undefined);
    assertEquals(verifier.remembered(token), undefined);
  }));
});

Deno.test("TokenVerifier refuses a token of which one character was changed", async () => {
  const verifier = makeVerifier();
  assertEquals((await verifier.verify(TOKEN))?.userName, "alice");
  const lastOfSignature = TOKEN.length - 1;
  // The last character holds bits that nothing is made of.
  const place = fc.integer({ min: 0, max: lastOfSignature - 1 });
  await fc.assert(fc.asyncProperty(place, fc.constantFrom(..."aZ0-_."), async (at, other) => {
    fc.pre(TOKEN[at] !== other);
    const changed = TOKEN.slice(0, at) + other + TOKEN.slice(at + 1);
    assertEquals(await verifier.verify(changed), undefined);
  }));
});

function join(parts: readonly string[]): string {
  return parts.join(".");
}
