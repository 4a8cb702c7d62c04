import { assertEquals } from "@std/assert";
import { DEFAULT_CIPHER_SUITES } from "../../../src/config/sections/http_tls.ts";
import { BASE, configOf, problemsOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function tls(text: string): string {
  return `${BASE}http: {tls: {${text}}}`;
}

Deno.test("resolveTls reads certificate, key and client certificates", () => {
  const text = tls(`certificate: /c, key: /k, clientcas: [/a], clientauth: request-client-cert,
    minimumtls: tls1.2, ciphersuites: [TLS_AES_128_GCM_SHA256]`);
  assertEquals(configOf(text).http.tls, {
    certificate: "/c",
    key: "/k",
    clientCas: ["/a"],
    clientAuth: "request-client-cert",
    minimumTls: "tls1.2",
    cipherSuites: ["TLS_AES_128_GCM_SHA256"],
  });
});

Deno.test("resolveTls offers nine suites where the file names none", () => {
  assertEquals(configOf(tls("certificate: /c, key: /k")).http.tls, {
    certificate: "/c",
    key: "/k",
    clientCas: [],
    clientAuth: "require-and-verify-client-cert",
    minimumTls: "tls1.2",
    cipherSuites: DEFAULT_CIPHER_SUITES,
  });
  assertEquals(DEFAULT_CIPHER_SUITES.length, 9);
  assertEquals(DEFAULT_CIPHER_SUITES.every((name) => /GCM|CHACHA20/.test(name)), true);
});

Deno.test("resolveTls reads ACME", () => {
  const text = tls("letsencrypt: {cachefile: /a, email: a@b, hosts: [c], directoryurl: http://d}");
  const config = configOf(text).http.tls;
  assertEquals(config?.letsEncrypt, {
    cacheFile: "/a",
    email: "a@b",
    hosts: ["c"],
    directoryUrl: "http://d",
    httpAddr: ":80",
  });
  assertEquals(config?.certificate, undefined);
});

Deno.test("resolveTls is off without a certificate, and says what it leaves out", () => {
  assertEquals(configOf(tls("minimumtls: tls1.3")).http.tls, undefined);
  const text = tls("key: /k, clientcas: [/a]");
  assertEquals(configOf(text).http.tls, undefined);
  assertEquals(warningsOf(text), [
    "http.tls.key: Ignoring the key: TLS is off, since there is no certificate",
    "http.tls.clientcas: Ignoring the authorities: TLS is off, since there is no certificate",
  ]);
});

Deno.test("resolveTls refuses a certificate without key, and one beside ACME", () => {
  assertEquals(rawProblemsOf(tls("certificate: /c")).map(({ path }) => path), ["http.tls.key"]);
  const both = tls("certificate: /c, key: /k, letsencrypt: {cachefile: /a, hosts: [c]}");
  assertEquals(rawProblemsOf(both).map(({ path }) => path), ["http.tls.letsencrypt.cachefile"]);
});

Deno.test("resolveTls refuses unknown versions, suites and ways to ask", () => {
  const text = tls(
    "certificate: /c, key: /k, minimumtls: ssl3, ciphersuites: [TLS_X], clientauth: x",
  );
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "http.tls.clientauth",
    "http.tls.minimumtls",
    "http.tls.ciphersuites[0]",
  ]);
});

Deno.test("resolveTls leaves the suites to TLS 1.3", () => {
  const text = tls(
    "certificate: /c, key: /k, minimumtls: tls1.3, ciphersuites: [TLS_AES_128_GCM_SHA256]",
  );
  assertEquals(configOf(text).http.tls?.cipherSuites, DEFAULT_CIPHER_SUITES);
  assertEquals(warningsOf(text), [
    "http.tls.ciphersuites: Ignoring the cipher suites: TLS 1.3 chooses its own",
  ]);
  assertEquals(problemsOf(text), []);
});

Deno.test("resolveTls wants to know for which hosts certificates are asked", () => {
  const problems = rawProblemsOf(tls("letsencrypt: {cachefile: /a}"));
  assertEquals(problems.map(({ path }) => path), ["http.tls.letsencrypt.hosts"]);
});
