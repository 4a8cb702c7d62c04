import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf, warningsOf } from "../_loading.ts";

Deno.test("resolveHttp reads every key but TLS", () => {
  const { http } = configOf(`${BASE}
http:
  addr: /run/registry.sock
  net: unix
  host: https://registry.example.com/hub
  prefix: /hub
  secret: s
  relativeurls: yes
  draintimeout: 1m
  headers: {X-A: [a, b]}
  debug: {addr: ":5001", prometheus: {enabled: true, path: metrics}}
  http2: {disabled: true}
  h2c: {enabled: true}
  workers: 2
`);
  assertEquals(http, {
    addr: "/run/registry.sock",
    net: "unix",
    host: "https://registry.example.com/hub",
    prefix: "/hub/",
    secret: "s",
    relativeUrls: true,
    trustedProxies: [],
    drainTimeoutMs: 60_000,
    headers: { "X-A": ["a", "b"] },
    debug: { addr: ":5001", prometheus: { enabled: true, path: "/metrics" } },
    http2: { disabled: true },
    h2c: { enabled: true },
    workers: 2,
  });
});

Deno.test("resolveHttp takes addresses with and without host", () => {
  for (const addr of [":5000", "localhost:0", "127.0.0.1:65535", "[::1]:5000", "[::]:1"]) {
    assertEquals(configOf(`${BASE}http: {addr: "${addr}"}`).http.addr, addr);
  }
});

Deno.test("resolveHttp refuses what is no address", () => {
  for (const addr of ["5000", "a:b", "::1:5000", "a:65536", "http://a:5000", "a b:1", "/run/x"]) {
    const problems = rawProblemsOf(`${BASE}http: {addr: "${addr}"}`);
    assertEquals(problems.map(({ path }) => path), ["http.addr"], addr);
  }
  assertEquals(problemsOf(`${BASE}http: {net: udp}`), [
    'http.net: Give "tcp" or "unix", not "udp"',
  ]);
});

Deno.test("resolveHttp leaves out a host without scheme or name, with a warning", () => {
  for (const host of ["registry.example.com", "registry.example.com:5000", "/v2", "http://"]) {
    const text = `${BASE}http: {host: "${host}"}`;
    assertEquals(configOf(text).http.host, undefined);
    assertEquals(warningsOf(text).length, 1, host);
  }
});

Deno.test("resolveHttp wants a prefix that begins with a slash", () => {
  assertEquals(configOf(`${BASE}http: {prefix: /a/b/}`).http.prefix, "/a/b/");
  assertEquals(problemsOf(`${BASE}http: {prefix: a/}`), [
    'http.prefix: Give a path that begins with "/", not "a/"',
  ]);
});

Deno.test("resolveHttp refuses headers that HTTP cannot carry", () => {
  const text = `${BASE}http: {headers: {"X A": [a], X-B: ["a\\nb"], X-C: [ok], X-D: ["\u2028"]}}`;
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "http.headers.X A",
    "http.headers.X-B",
    "http.headers.X-D",
  ]);
});

Deno.test("resolveHttp refuses times and threads out of range", () => {
  assertEquals(problemsOf(`${BASE}http: {draintimeout: -1s, workers: 1.5}`), [
    'http.draintimeout: Give a duration such as "30s" or "1h30m", not "-1s"',
    "http.workers: Give a whole number from 1 to 1024, not 1.5",
  ]);
});

Deno.test("resolveHttp warns of metrics that nothing serves", () => {
  assertEquals(warningsOf(`${BASE}http: {debug: {prometheus: {enabled: true}}}`), [
    "http.debug.prometheus.enabled: Set http.debug.addr: without it there is no listener for the " +
    "metrics",
  ]);
});
