import { assertEquals } from "@std/assert";
import { BASE, configOf, load, problemsOf, rawProblemsOf, warningsOf } from "./_loading.ts";

Deno.test("moveObsolete reads Redis as version 2 had it", () => {
  const { config, warnings } = load(`version: 0.1
storage: {gcs: {bucket: b}, cache: {layerinfo: redis}}
redis:
  addr: redis:6379
  password: 0123
  db: 2
  dialtimeout: 10ms
  pool: {maxidle: 16, maxactive: 64, idletimeout: 300s}
  tls: {enabled: true}
`);
  const { redis, storage } = config;
  assertEquals(storage.cache?.blobDescriptor, "redis");
  assertEquals(redis?.addrs, ["redis:6379"]);
  assertEquals([redis?.password, redis?.db, redis?.dialTimeoutMs], ["0123", 2, 10]);
  assertEquals([redis?.maxIdleConns, redis?.maxActiveConns], [16, 64]);
  assertEquals(redis?.connMaxIdleTimeMs, 300_000);
  assertEquals(redis?.tls, { rootCas: [] });
  assertEquals(warnings.map(({ path, expected }) => `${path} -> ${expected}`), [
    'storage.cache.layerinfo -> "storage.cache.blobdescriptor"',
    'redis.addr -> "redis.addrs"',
    'redis.pool.maxidle -> "redis.maxidleconns"',
    'redis.pool.maxactive -> "redis.maxactiveconns"',
    'redis.pool.idletimeout -> "redis.connmaxidletime"',
    ...["maxidleconns", "maxactiveconns", "connmaxidletime"].map((key) =>
      `redis.${key} -> no such key`
    ),
  ]);
});

Deno.test("moveObsolete keeps the source of a value that it moves", () => {
  const { sources } = load(`${BASE}loglevel: debug\n`);
  assertEquals(sources.get("log.level"), { kind: "file", fileName: "config.yml", line: 3 });
});

Deno.test("moveObsolete lets the newer key win", () => {
  const text = `${BASE}loglevel: debug\nlog: {level: error}`;
  assertEquals(configOf(text).log.level, "error");
  assertEquals(warningsOf(text), [
    'loglevel: Remove the obsolete key: "log.level" is set and counts',
  ]);
  assertEquals(configOf(`${BASE}loglevel: debug\nlog: {level: ""}`).log.level, "debug");
});

Deno.test("moveObsolete passes over an obsolete key without a value", () => {
  assertEquals(warningsOf(`${BASE}loglevel:\nredis: {addrs: ["a:1"], pool: {maxidle: }}`), []);
});

Deno.test("moveObsolete checks a value under its new key", () => {
  assertEquals(problemsOf(`${BASE}loglevel: loud`), [
    'log.level: Give "error", "warn", "info" or "debug", not "loud"',
  ]);
});

Deno.test("moveObsolete moves a key within its item of a list", () => {
  const { middleware } = configOf(`version: 0.1
storage: inmemory
middleware:
  storage:
    - {name: redirect, options: {baseurl: "https://a"}}
    - name: cloudfront
      options: {baseurl: b, privatekey: k, keypairid: i, updatefrenquency: 3h}
`);
  const [, second] = middleware.storage;
  assertEquals(second?.name === "cloudfront" && second.updateFrequencyMs, 10_800_000);
});

Deno.test("moveObsolete says what became of keys that nothing reads", () => {
  const text = `${BASE}
compatibility: {schema1: {enabled: true, trustkey: /key}}
reporting: {bugsnag: {apikey: hunter2}}
`;
  const { warnings } = load(text);
  assertEquals(warnings.map(({ path }) => path), ["compatibility", "reporting"]);
  assertEquals(warnings.every(({ message }) => message.startsWith("Remove")), true);
  assertEquals(JSON.stringify(warnings).includes("hunter2"), false);
});

Deno.test("moveObsolete refuses drivers that are gone", () => {
  for (const text of ["swift: {container: c}", "swift:", "oss: {bucket: b}"]) {
    const problems = rawProblemsOf(`version: 0.1\nstorage: {${text}}`);
    assertEquals(problems.length, 1, text);
    assertEquals(problems[0]?.message.startsWith("Choose another driver: "), true);
  }
  assertEquals(problemsOf("version: 0.1\nstorage: swift"), [
    'storage.swift: Choose another driver: "swift" is gone, as in Distribution 3',
  ]);
});

Deno.test("moveObsolete replaces versions of TLS that nobody should speak", () => {
  const text = `${BASE}http: {tls: {certificate: c, key: k, minimumtls: tls1.0}}`;
  assertEquals(configOf(text).http.tls?.minimumTls, "tls1.2");
  assertEquals(warningsOf(text), [
    'http.tls.minimumtls: Replace the obsolete value "tls1.0", which is read as "tls1.2"',
  ]);
});
