import { assertEquals, assertThrows } from "@std/assert";
import { refuseRuntimeLimits } from "../../src/app/runtime_limits.ts";
import { ConfigError } from "../../src/config/error.ts";
import { DEFAULT_CIPHER_SUITES } from "../../src/config/sections/http_tls.ts";
import { runtimeQuirks } from "../../src/server/runtime_quirks.ts";
import { configOf } from "./_config.ts";

const EVERYTHING = `
storage: inmemory
http:
  http2: { disabled: true }
  tls: { certificate: c.pem, key: k.pem, clientcas: [ca.pem], minimumtls: tls1.3 }
`;

/** The keys that are refused on a version of the runtime. */
function refused(text: string, version: string): readonly string[] {
  const refuse = () => refuseRuntimeLimits(configOf(text), runtimeQuirks(version));
  const error = assertThrows(refuse, ConfigError) as ConfigError;
  return error.problems.map(({ path }) => path);
}

Deno.test("refuseRuntimeLimits names every key that an old runtime cannot do, at once", () => {
  assertEquals(refused(EVERYTHING, "2.4.2"), [
    "http.tls.clientcas",
    "http.tls.minimumtls",
    "http.http2.disabled",
  ]);
});

Deno.test("refuseRuntimeLimits lets pass what a newer runtime can do", () => {
  refuseRuntimeLimits(configOf(EVERYTHING), runtimeQuirks("2.9.6"));
});

Deno.test("refuseRuntimeLimits refuses TLS on a unix socket where there would be none", () => {
  const socket = "storage: inmemory\nhttp: { net: unix, addr: /run/stowage.sock";
  const withTls = `${socket}, tls: { certificate: c.pem, key: k.pem } }\n`;
  assertEquals(refused(withTls, "2.4.2"), ["http.net"]);
  refuseRuntimeLimits(configOf(withTls), runtimeQuirks("2.9.6"));
  refuseRuntimeLimits(configOf(`${socket} }\n`), runtimeQuirks("2.4.2"));
});

Deno.test("refuseRuntimeLimits refuses a choice of cipher suites, unless it is that of the runtime", () => {
  const withSuites = (suites: readonly string[]) => `
storage: inmemory
http: { tls: { certificate: c.pem, key: k.pem, ciphersuites: [${suites.join(", ")}] } }
`;
  for (const version of ["2.4.2", "2.9.6"]) {
    const paths = refused(withSuites(["TLS_AES_128_GCM_SHA256"]), version);
    assertEquals(paths, ["http.tls.ciphersuites"]);
    const reversed = withSuites(DEFAULT_CIPHER_SUITES.toReversed());
    refuseRuntimeLimits(configOf(reversed), runtimeQuirks(version));
  }
});

Deno.test("refuseRuntimeLimits has nothing against HTTP/2 switched off without TLS", () => {
  const text = "storage: inmemory\nhttp: { http2: { disabled: true } }\n";

  refuseRuntimeLimits(configOf(text), runtimeQuirks("2.4.2"));
});
