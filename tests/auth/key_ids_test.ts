import { assert, assertEquals, assertMatch } from "@std/assert";
import { keyIds } from "../../src/auth/key_ids.ts";

Deno.test("keyIds gives the thumbprint that RFC 8037 shows", async () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

  const ids = await keyIds(jwk, new Uint8Array(44));

  assertEquals(ids[0], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  assertEquals(ids.length, 2);
});

Deno.test("keyIds knows the thumbprint of coordinates that are not padded", async () => {
  const padded = { kty: "EC", crv: "P-256", x: "AAEC", y: "BAUG" };
  const bare = { ...padded, x: "AQI" };

  const ids = await keyIds(padded, new Uint8Array(1));

  assert(ids.includes((await keyIds(bare, new Uint8Array(1)))[0] ?? ""));
  assertEquals(ids.length, 3);
});

Deno.test("keyIds writes the name that the 2.x releases use, twelve groups of four", async () => {
  const jwk = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

  const id = (await keyIds(jwk, new TextEncoder().encode("abc"))).at(-1) ?? "";

  assertMatch(id, /^(?:[A-Z2-7]{4}:){11}[A-Z2-7]{4}$/);
  // SHA-256 of "abc" begins with ba 78 16 bf 8f.
  assertEquals(id.slice(0, 9), "XJ4B:NP4P");
});
