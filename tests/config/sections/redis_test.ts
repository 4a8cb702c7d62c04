import { assertEquals } from "@std/assert";
import type { RedisConfig } from "../../../src/config/config.ts";
import { BASE, configOf, rawProblemsOf, warningsOf } from "../_loading.ts";

function redis(text: string): string {
  return `${BASE}redis: {addrs: ["a:1"], ${text}}`;
}

function redisOf(text: string): RedisConfig | undefined {
  return configOf(redis(text)).redis;
}

Deno.test("resolveRedis fills in its defaults", () => {
  assertEquals(redisOf(""), {
    addrs: ["a:1"],
    db: 0,
    protocol: 3,
    maxRetries: 3,
    minRetryBackoffMs: 8,
    maxRetryBackoffMs: 512,
    dialTimeoutMs: 5000,
    readTimeoutMs: 3000,
    writeTimeoutMs: 3000,
    contextTimeoutEnabled: false,
    maxRedirects: 3,
    readOnly: false,
    routeByLatency: false,
    routeRandomly: false,
    disableIdentity: false,
    unstableResp3: false,
    poolFifo: false,
    poolTimeoutMs: 4000,
    minIdleConns: 0,
    maxIdleConns: 0,
    maxActiveConns: 0,
    connMaxIdleTimeMs: 1_800_000,
    connMaxLifetimeMs: 0,
  });
});

Deno.test("resolveRedis reads every key", () => {
  const config = redisOf(`mastername: m, username: u, password: 0123, sentinelusername: su,
    sentinelpassword: sp, db: 1, clientname: c, protocol: 2, maxretries: 1, minretrybackoff: 1ms,
    maxretrybackoff: 2ms, dialtimeout: 1s, readtimeout: 2s, writetimeout: 3s,
    contexttimeoutenabled: true, maxredirects: 5, readonly: true, routebylatency: true,
    routerandomly: true, disableidentity: true, identitysuffix: s, unstableresp3: true,
    poolfifo: true, poolsize: 7, pooltimeout: 4s, minidleconns: 1, maxidleconns: 2,
    maxactiveconns: 3, connmaxidletime: 5s, connmaxlifetime: 6s,
    tls: {certificate: /c, key: /k, rootcas: [/r]}`);
  assertEquals(config, {
    addrs: ["a:1"],
    masterName: "m",
    username: "u",
    password: "0123",
    sentinelUsername: "su",
    sentinelPassword: "sp",
    db: 1,
    clientName: "c",
    protocol: 2,
    maxRetries: 1,
    minRetryBackoffMs: 1,
    maxRetryBackoffMs: 2,
    dialTimeoutMs: 1000,
    readTimeoutMs: 2000,
    writeTimeoutMs: 3000,
    contextTimeoutEnabled: true,
    maxRedirects: 5,
    readOnly: true,
    routeByLatency: true,
    routeRandomly: true,
    disableIdentity: true,
    identitySuffix: "s",
    unstableResp3: true,
    poolFifo: true,
    poolSize: 7,
    poolTimeoutMs: 4000,
    minIdleConns: 1,
    maxIdleConns: 2,
    maxActiveConns: 3,
    connMaxIdleTimeMs: 5000,
    connMaxLifetimeMs: 6000,
    tls: { certificate: "/c", key: "/k", rootCas: ["/r"] },
  });
});

Deno.test("resolveRedis reads 0 as the default, and a negative number as none", () => {
  const zero = redisOf("maxretries: 0, readtimeout: 0, writetimeout: 0, poolsize: 0");
  assertEquals([zero?.maxRetries, zero?.readTimeoutMs, zero?.writeTimeoutMs, zero?.poolSize], [
    3,
    3000,
    3000,
    undefined,
  ]);
  const none = redisOf("maxretries: -1, readtimeout: -1, pooltimeout: -1s, connmaxidletime: -1s");
  assertEquals(
    [none?.maxRetries, none?.readTimeoutMs, none?.poolTimeoutMs, none?.connMaxIdleTimeMs],
    [0, 0, 0, 0],
  );
});

Deno.test("resolveRedis is off without addresses, and says so", () => {
  assertEquals(configOf(BASE).redis, undefined);
  const text = `${BASE}redis: {db: 1}`;
  assertEquals(configOf(text).redis, undefined);
  assertEquals(warningsOf(text), ["redis.addrs: Ignoring the section: it names no server"]);
});

Deno.test("resolveRedis warns of each key that changes nothing, where it asks for something", () => {
  const flags = "readonly routebylatency routerandomly contexttimeoutenabled unstableresp3 poolfifo"
    .split(" ");
  const rest = "writetimeout poolsize pooltimeout minidleconns maxidleconns maxactiveconns " +
    "connmaxidletime connmaxlifetime";
  const keys = [...flags, ...rest.split(" ")];
  const text = keys.map((key) =>
    `${key}: ${flags.includes(key) ? true : key.endsWith("conns") || key === "poolsize" ? 1 : "1s"}`
  ).join(", ");
  const warned = warningsOf(redis(text)).map((warning) => warning.split(": ").slice(0, 2));
  assertEquals(
    warned.toSorted(),
    keys.map((key) => [`redis.${key}`, "Ignoring the key"]).toSorted(),
  );
  assertEquals(warningsOf(redis(flags.map((key) => `${key}: false`).join(", "))), []);
  assertEquals(warningsOf(redis("readtimeout: 1s, dialtimeout: 1s, maxredirects: 2")), []);
});

Deno.test("resolveRedis goes on without half a client certificate", () => {
  const text = redis("tls: {certificate: /c}");
  assertEquals(configOf(text).redis?.tls, undefined);
  assertEquals(warningsOf(text).length, 1);
  assertEquals(redisOf("tls: {rootcas: [/r], key: /k}")?.tls, { rootCas: ["/r"] });
});

Deno.test("resolveRedis lets tls.enabled of version 2 decide", () => {
  assertEquals(redisOf("tls: {enabled: true}")?.tls, { rootCas: [] });
  assertEquals(redisOf("tls: {enabled: false, rootcas: [/r]}")?.tls, undefined);
});

Deno.test("resolveRedis refuses what is no address, and values out of range", () => {
  const text = `${BASE}redis: {addrs: [localhost], protocol: 1, db: -1, maxretries: -2}`;
  assertEquals(rawProblemsOf(text).map(({ path }) => path), [
    "redis.addrs[0]",
    "redis.db",
    "redis.protocol",
    "redis.maxretries",
  ]);
});
