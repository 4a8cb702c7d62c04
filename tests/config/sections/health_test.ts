import { assertEquals } from "@std/assert";
import { BASE, configOf, problemsOf, rawProblemsOf } from "../_loading.ts";

Deno.test("resolveHealth reads every key", () => {
  const { health } = configOf(`${BASE}
health:
  storagedriver: {enabled: true, interval: 1m, threshold: 3}
  redis: {enabled: true, interval: 7s, threshold: 1}
  file: [{file: /down, interval: 2s}]
  http:
    - {uri: "http://a", statuscode: 204, timeout: 1s, interval: 3s, threshold: 2, headers: {A: [b]}}
  tcp: [{addr: "a:1", timeout: 4s, interval: 5s, threshold: 6}]
`);
  assertEquals(health, {
    storageDriver: { enabled: true, intervalMs: 60_000, threshold: 3 },
    redis: { enabled: true, intervalMs: 7000, threshold: 1 },
    file: [{ file: "/down", intervalMs: 2000, threshold: 0 }],
    http: [{
      uri: "http://a",
      statusCode: 204,
      timeoutMs: 1000,
      headers: { A: ["b"] },
      intervalMs: 3000,
      threshold: 2,
    }],
    tcp: [{ addr: "a:1", timeoutMs: 4000, intervalMs: 5000, threshold: 6 }],
  });
});

Deno.test("resolveHealth checks every 10 s where nothing else is said", () => {
  for (const interval of ["", "interval: 0", "interval: -1s"]) {
    const { health } = configOf(`${BASE}health: {http: [{uri: "http://a", ${interval}}]}`);
    assertEquals(health.http[0]?.intervalMs, 10_000);
    assertEquals(health.http[0]?.statusCode, 200);
  }
});

Deno.test("resolveHealth refuses two checks of the same", () => {
  const text = `${BASE}health: {tcp: [{addr: "a:1"}, {addr: "b:1"}, {addr: "a:1"}]}`;
  assertEquals(problemsOf(text), [
    "health.tcp[2].addr: Remove the check: another one looks at the same",
  ]);
});

Deno.test("resolveHealth tells what a check lacks, once", () => {
  const text = `${BASE}health: {file: [{}, {}], http: [{uri: a}], tcp: [{addr: a}]}`;
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "health.file[0].file",
    "health.file[1].file",
    "health.http[0].uri",
    "health.tcp[0].addr",
  ]);
});

Deno.test("resolveHealth refuses headers that HTTP cannot carry", () => {
  const text = `${BASE}health: {http: [{uri: "http://a", headers: {"a b": [c]}}]}`;
  assertEquals(rawProblemsOf(text).map(({ path }) => path), ["health.http[0].headers.a b"]);
});
