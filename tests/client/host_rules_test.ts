import { assertEquals } from "@std/assert";
import { getDomain } from "tldts";
import { mayHaveCredentials, reachOf } from "../../src/client/host_rules.ts";

const registrableDomain = (hostname: string) =>
  getDomain(hostname, { allowPrivateDomains: true }) ?? undefined;

Deno.test("mayHaveCredentials trusts the registry's own host and its domain alone", () => {
  const cases = [
    ["https://registry-1.docker.io", "https://auth.docker.io/token", true],
    ["https://ghcr.io", "https://ghcr.io/token", true],
    ["https://registry.example.com", "https://evil.example.org/token", false],
    ["https://registry.example.com", "http://registry.example.com/token", false],
    ["https://registry.example.com", "https://example.com.evil.org/token", false],
    ["https://registry.example.com", "https://notexample.com/token", false],
    ["https://a.co.uk", "https://b.co.uk/token", false],
    ["https://one.github.io", "https://two.github.io/token", false],
    ["https://registry.example.com", "https://user:pass@auth.example.com/", false],
    ["https://registry.example.com", "ftp://registry.example.com/", false],
    ["http://127.0.0.1:5000", "http://127.0.0.1:5000/token", true],
    ["http://127.0.0.1:5000", "http://127.0.0.1:5001/token", false],
    ["http://localhost:5000", "http://localhost:5001/token", false],
    ["http://registry.internal:5000", "http://auth.internal:5000/token", false],
    ["https://registry.example.com", "https://sso.partner.net:8443/token", true],
  ] as const;
  for (const [upstream, realm, expected] of cases) {
    const trusted = mayHaveCredentials(new URL(realm), {
      upstream: new URL(upstream),
      allowedHosts: ["sso.partner.net:8443"],
      registrableDomain,
    });
    assertEquals(trusted, expected, `${upstream} ${realm}`);
  }
});

Deno.test("reachOf tells public, private and link-local addresses apart", () => {
  const cases = {
    public: ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
    private: [
      "10.1.2.3",
      "127.0.0.1",
      "172.16.0.1",
      "192.168.1.1",
      "100.64.0.1",
      "0.0.0.0",
      "224.0.0.1",
      "255.255.255.255",
      "::1",
      "::",
      "[::1]",
      "fd00::1",
      "ff02::1",
      "::ffff:10.0.0.1",
      "64:ff9b::a00:1",
      "2002:a00:1::",
      "nonsense",
      "300.1.1.1",
      "",
    ],
    link_local: ["169.254.169.254", "fe80::1%eth0", "::ffff:169.254.169.254", "febf::1"],
  } as const;
  for (const [reach, addresses] of Object.entries(cases)) {
    for (const address of addresses) assertEquals(reachOf(address), reach, address);
  }
});
