import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, warningsOf } from "../_loading.ts";

Deno.test("resolveProxy reads every key", () => {
  const text = `${BASE}proxy: {remoteurl: "https://r", username: u, password: 0123, ttl: 1h,
    cachewritetimeout: 1m}`;
  assertEquals(configOf(text).proxy, {
    remoteUrl: "https://r",
    username: "u",
    password: "0123",
    ttlMs: 3_600_000,
    cacheWriteTimeoutMs: 60_000,
  });
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
    configOf(`${BASE}proxy: {remoteurl: "https://r", exec: {command: c, ${text}}}`).proxy?.exec;
  assertEquals(lifetimeOf(""), { command: "c" });
  assertEquals(lifetimeOf("lifetime: 0"), { command: "c", lifetimeMs: 0 });
  assertEquals(lifetimeOf("lifetime: 1h"), { command: "c", lifetimeMs: 3_600_000 });
});

Deno.test("resolveProxy asks the program where there is one", () => {
  const text = `${BASE}proxy: {remoteurl: "https://r", username: u, exec: {command: c}}`;
  assertEquals(configOf(text).proxy?.username, undefined);
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
