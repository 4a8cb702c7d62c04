import { assertEquals, assertThrows } from "@std/assert";
import { isTrustedChain, parseCertificates } from "../../src/auth/certificate_chain.ts";
import { certify, type Identity, NOW_MS } from "./_certificates.ts";

const NOW = new Date(NOW_MS);

function isTrusted(chain: readonly Identity[], roots: readonly Identity[]): Promise<boolean> {
  const certificates = (identities: readonly Identity[]) =>
    identities.map(({ certificate }) => certificate);
  return isTrustedChain(certificates(chain), { roots: certificates(roots), now: NOW });
}

Deno.test("parseCertificates passes over what is no certificate", async () => {
  const { certificate } = await certify("a");
  const other = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  const request = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n";

  const pem = `${other}${certificate.toString("pem")}\n${request}`;

  assertEquals(parseCertificates(pem).map(({ subject }) => subject), ["CN=a"]);
  assertEquals(parseCertificates(""), []);
  assertThrows(() =>
    parseCertificates("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")
  );
});

Deno.test("isTrustedChain follows a chain to a root, in any order, with any algorithm", async () => {
  for (const algorithm of ["ES256", "ES384", "RS256", "EdDSA"] as const) {
    const root = await certify("root", { algorithm });
    const upper = await certify("upper", { issuer: root });
    const lower = await certify("lower", { issuer: upper });
    const leaf = await certify("leaf", { issuer: lower, isAuthority: false });

    assertEquals(await isTrusted([leaf, lower, upper], [root]), true, algorithm);
    assertEquals(await isTrusted([leaf, upper, lower, root], [root]), true, algorithm);
    assertEquals(await isTrusted([root], [root]), true, algorithm);
  }
});

Deno.test("isTrustedChain refuses every chain that has a flaw", async () => {
  const root = await certify("root");
  const upper = await certify("upper", { issuer: root });
  const leaf = await certify("leaf", { issuer: upper, isAuthority: false });
  const before = { notAfter: new Date(NOW_MS - 1000) };
  const after = { notBefore: new Date(NOW_MS + 1000) };
  const impostor = await certify("root");
  const lone = await certify("lone", { issuer: impostor });
  const noAuthority = await certify("no authority", { issuer: root, isAuthority: false });
  const narrow = await certify("narrow", { issuer: root, pathLength: 0 });
  const below = await certify("below", { issuer: narrow });
  const flawed: Readonly<Record<string, readonly Identity[]>> = {
    "no certificate": [],
    "a link is missing": [leaf],
    "another root of the same name": [lone],
    "another root of the same name, sent along": [lone, impostor],
    "expired": [await certify("old", { issuer: root, ...before })],
    "not yet valid": [await certify("new", { issuer: root, ...after })],
    "an expired link": await chain(root, { ...before }),
    "issued by no authority": [await certify("x", { issuer: noAuthority }), noAuthority],
    "longer than its authority allows": [await certify("x", { issuer: below }), below, narrow],
  };
  for (const [flaw, identities] of Object.entries(flawed)) {
    assertEquals(await isTrusted(identities, [root]), false, flaw);
  }
  assertEquals(await isTrusted([await certify("x", { issuer: narrow }), narrow], [root]), true);
  assertEquals(await isTrusted([leaf, upper], []), false);
});

async function chain(root: Identity, options: { readonly notAfter: Date }): Promise<Identity[]> {
  const link = await certify("link", { issuer: root, ...options });
  return [await certify("leaf", { issuer: link }), link];
}
