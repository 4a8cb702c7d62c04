import { assertEquals, assertObjectMatch } from "@std/assert";
import {
  clusterOptions,
  parseRedisAddress,
  retryDelayMs,
  singleOptions,
} from "../../src/redis/options.ts";
import { redisConfig } from "../support/redis.ts";

Deno.test("parseRedisAddress splits host and port", () => {
  const cases = {
    "redis.example:6379": { host: "redis.example", port: 6379 },
    "[::1]:7000": { host: "::1", port: 7000 },
    ":6379": { host: "127.0.0.1", port: 6379 },
  };
  for (const [addr, address] of Object.entries(cases)) {
    assertEquals(parseRedisAddress(addr), address);
  }
});

Deno.test("retryDelayMs doubles the pause between its bounds", () => {
  const config = redisConfig({ addr: "a:1", minretrybackoff: "8ms", maxretrybackoff: "100ms" });
  assertEquals([1, 2, 3, 4, 5, 1000].map((attempt) => retryDelayMs(config, attempt)), [
    ...[8, 16, 32, 64, 100],
    100,
  ]);
  const unbounded = redisConfig({ addr: "a:1", minretrybackoff: -1, maxretrybackoff: -1 });
  assertEquals([retryDelayMs(unbounded, 1), retryDelayMs(unbounded, 50)], [1, 10_000]);
});

Deno.test("singleOptions hands every key of a server to the library", () => {
  const config = redisConfig({
    addrs: ["redis.example:6380"],
    username: "u",
    password: "p",
    db: 3,
    clientname: "stowage",
    identitysuffix: "s",
    disableidentity: true,
    protocol: 2,
    maxretries: 5,
    dialtimeout: "1s",
    readtimeout: "2s",
  });
  assertObjectMatch(singleOptions(config, { ca: ["CA"], cert: "C", key: "K" }), {
    host: "redis.example",
    port: 6380,
    username: "u",
    password: "p",
    db: 3,
    connectionName: "stowage",
    clientInfoTag: "s",
    disableClientInfo: true,
    protocol: 2,
    maxRetriesPerRequest: 5,
    autoResendUnfulfilledCommands: true,
    connectTimeout: 1000,
    socketTimeout: 2000,
    tls: { ca: ["CA"], cert: "C", key: "K" },
    enableOfflineQueue: false,
  });
});

Deno.test("singleOptions reads the keys of Distribution 2", () => {
  const config = redisConfig({
    addr: "redis.example:6379",
    password: "p",
    db: 1,
    dialtimeout: "10ms",
    readtimeout: "20ms",
    writetimeout: "30ms",
    pool: { maxidle: 16, maxactive: 64, idletimeout: "300s" },
  });
  assertObjectMatch(singleOptions(config, undefined), {
    host: "redis.example",
    password: "p",
    db: 1,
    connectTimeout: 10,
    socketTimeout: 20,
  });
});

Deno.test("singleOptions leaves out what is not bounded, and TLS where there is none", () => {
  const config = redisConfig({ addr: "a:1", maxretries: -1, readtimeout: -1 });
  const options = singleOptions(config, undefined);
  assertEquals(["tls", "socketTimeout", "username"].filter((key) => key in options), []);
  assertObjectMatch(options, { maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false });
});

Deno.test("singleOptions asks sentinels for the master they know", () => {
  const config = redisConfig({
    addrs: ["a:1", "b:2"],
    mastername: "main",
    sentinelusername: "su",
    sentinelpassword: "sp",
  });
  const options = singleOptions(config, { ca: [] });
  assertObjectMatch(options, {
    name: "main",
    sentinels: [{ host: "a", port: 1 }, { host: "b", port: 2 }],
    sentinelUsername: "su",
    sentinelPassword: "sp",
    enableTLSForSentinelMode: true,
  });
  assertEquals("host" in options, false);
});

Deno.test("clusterOptions reads from masters alone, whatever the configuration prefers", () => {
  const config = redisConfig({
    addrs: ["a:1", "b:2"],
    readonly: true,
    routerandomly: true,
    maxredirects: 7,
    dialtimeout: "1s",
    password: "p",
  });
  assertObjectMatch(clusterOptions(config, undefined), {
    scaleReads: "master",
    maxRedirections: 7,
    slotsRefreshTimeout: 1000,
    redisOptions: { password: "p" },
  });
});
