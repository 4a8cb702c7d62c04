import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, warningsOf } from "../_loading.ts";

Deno.test("resolveProxy reads every key", () => {
  const text = `${BASE}proxy: {remoteurl: "https://r", username: u, password: 0123, ttl: 1h,
    cachewritetimeout: 1m, allowedhosts: ["auth.example:8443"], maxsize: 1000, freshness: 30s,
    missing: 5s, listing: cached, catalog: upstream,
    mirror: {images: [{repository: a/b, tags: ["1.*"]}], interval: 6h}}`;
  assertEquals(configOf(text).proxy, {
    upstreams: [{
      prefix: "",
      remoteUrl: "https://r",
      username: "u",
      password: "0123",
      allowedHosts: ["auth.example:8443"],
      namespaces: [],
      library: "",
    }],
    ttlMs: 3_600_000,
    maxSizeBytes: 1000,
    freshnessMs: 30_000,
    missingMs: 5_000,
    listing: "cached",
    catalog: "upstream",
    mirror: { images: [{ repository: "a/b", tags: ["1.*"] }], intervalMs: 21_600_000 },
    cacheWriteTimeoutMs: 60_000,
  });
});

Deno.test("resolveProxy reads upstreams, and knows Docker Hub's library", () => {
  const text = `${BASE}proxy:
  upstreams:
    - {prefix: docker.io, remoteurl: "https://registry-1.docker.io"}
    - {prefix: ghcr.io/team, remoteurl: "https://ghcr.io", namespaces: [ghcr.io], username: u}
    - {prefix: hub, remoteurl: "https://registry-1.docker.io", library: "-"}
`;
  const upstreams = configOf(text).proxy?.upstreams.map(({ prefix, namespaces, library }) => ({
    prefix,
    namespaces,
    library,
  }));
  assertEquals(upstreams, [
    { prefix: "docker.io", namespaces: ["docker.io"], library: "library" },
    { prefix: "ghcr.io/team", namespaces: ["ghcr.io"], library: "" },
    { prefix: "hub", namespaces: ["hub"], library: "" },
  ]);
});

Deno.test("resolveProxy refuses prefixes that no repository begins with, and one given twice", () => {
  const problems = problemsOf(`${BASE}proxy:
  upstreams:
    - {prefix: /a, remoteurl: "https://a"}
    - {prefix: b, remoteurl: "https://b"}
    - {prefix: b, remoteurl: "https://c"}
    - {remoteurl: "https://d"}
`);
  assertEquals(problems.length, 3, problems.join("\n"));
  assertEquals(problems.map((problem) => problem.split(":")[0]).sort(), [
    "proxy.upstreams[0].prefix",
    "proxy.upstreams[2].prefix",
    "proxy.upstreams[3].prefix",
  ]);
});

Deno.test("resolveProxy keeps content for a week, or for ever with 0 and less", () => {
  for (const [ttl, expected] of [["", 604_800_000], ["ttl: 0", 0], ["ttl: -1s", 0]] as const) {
    const { proxy } = configOf(`${BASE}proxy: {remoteurl: "https://r", ${ttl}}`);
    assertEquals(proxy?.ttlMs, expected);
    assertEquals(proxy?.cacheWriteTimeoutMs, 300_000);
  }
});

Deno.test("resolveProxy tells a lifetime of 0 from none", () => {
  const lifetimeOf = (text: string) =>
    configOf(`${BASE}proxy: {remoteurl: "https://r", exec: {command: c, ${text}}}`).proxy
      ?.upstreams[0]?.exec;
  assertEquals(lifetimeOf(""), { command: "c" });
  assertEquals(lifetimeOf("lifetime: 0"), { command: "c", lifetimeMs: 0 });
  assertEquals(lifetimeOf("lifetime: 1h"), { command: "c", lifetimeMs: 3_600_000 });
});

Deno.test("resolveProxy asks the program where there is one", () => {
  const text = `${BASE}proxy: {remoteurl: "https://r", username: u, exec: {command: c}}`;
  assertEquals(configOf(text).proxy?.upstreams[0]?.username, undefined);
  assertEquals(warningsOf(text), [
    "proxy.exec: Ignoring username and password: the program is asked instead",
  ]);
});

Deno.test("resolveProxy is off without a registry", () => {
  assertEquals(configOf(`${BASE}proxy: {remoteurl: ""}`).proxy, undefined);
  assertEquals(warningsOf(`${BASE}proxy: {ttl: 1h}`), []);
  assertEquals(warningsOf(`${BASE}proxy: {username: u}`), [
    "proxy.remoteurl: Ignoring the section: it names no registry",
  ]);
});

Deno.test("resolveProxy refuses what is no URL of the web, and a program without command", () => {
  assertEquals(problemsOf(`${BASE}proxy: {remoteurl: registry.example.com, exec: {}}`), [
    "proxy.exec.command: Add the missing key: Credential helper that is asked instead",
    'proxy.remoteurl: Give a URL such as "https://registry.example.com", not ' +
    '"registry.example.com"',
  ]);
});
