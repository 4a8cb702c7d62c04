import { assertEquals, assertRejects } from "@std/assert";
import { buildHealthChecks } from "../../src/app/build_health.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { RedisError } from "../../src/redis/client.ts";
import { startRedis } from "../support/redis.ts";
import { testWith } from "../support/tools.ts";
import { configOf } from "./_config.ts";

Deno.test("buildHealthChecks makes the checks that the configuration names", () => {
  const checks = buildHealthChecks(
    configOf(`
storage: inmemory
health:
  storagedriver: { enabled: true, interval: 1s, threshold: 3 }
  file: [{ file: /tmp/down }]
  http: [{ uri: "http://127.0.0.1/" }]
  tcp: [{ addr: "127.0.0.1:1" }]
`),
    new InMemoryDriver(),
  );

  assertEquals(checks.map(({ name }) => name), [
    "storagedriver_inmemory",
    "/tmp/down",
    "http://127.0.0.1/",
    "127.0.0.1:1",
  ]);
  assertEquals([checks[0]?.intervalMs, checks[0]?.threshold], [1000, 3]);
});

Deno.test("buildHealthChecks finds an empty storage healthy", async () => {
  const config = configOf("storage: inmemory\nhealth: { storagedriver: { enabled: true } }");
  const [check] = buildHealthChecks(config, new InMemoryDriver());

  await check?.run(new AbortController().signal);
});

Deno.test("buildHealthChecks makes none where none is wanted", () => {
  assertEquals(buildHealthChecks(configOf("storage: inmemory"), new InMemoryDriver()), []);
});

Deno.test("buildHealthChecks makes a check of Redis, which fails while nothing answers", async () => {
  const [check, ...others] = buildHealthChecks(
    configOf(`
storage: inmemory
redis: { addrs: ["127.0.0.1:1"] }
health: { redis: { enabled: true, threshold: 2 } }
`),
    new InMemoryDriver(),
  );

  assertEquals([check?.name, check?.threshold, others.length], ["redis", 2, 0]);
  await assertRejects(async () => await check?.run(new AbortController().signal), RedisError);
});

testWith(["redis-server"], {
  name: "buildHealthChecks makes a check of Redis, which passes while it answers",
  fn: async () => {
    await using server = await startRedis();
    const text = `storage: inmemory\nredis: { addrs: ["${server.addr}"] }\n` +
      "health: { redis: { enabled: true } }";
    const [check] = buildHealthChecks(configOf(text), new InMemoryDriver());

    await check?.run(new AbortController().signal);
  },
});
