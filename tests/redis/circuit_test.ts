import { assertEquals, assertRejects } from "@std/assert";
import { CircuitClient } from "../../src/redis/circuit.ts";
import { type RedisClient, type RedisCommand, RedisError } from "../../src/redis/client.ts";
import { messages, recordLog } from "../storage/_doubles.ts";
import { ManualTimers } from "../support/manual_timers.ts";

/** A Redis that does what a test says. */
class RedisDouble implements RedisClient {
  readonly sent: string[] = [];
  isClosed = false;
  answer: () => Promise<unknown> = () => Promise.resolve("OK");

  send([name]: RedisCommand): Promise<unknown> {
    this.sent.push(name);
    return this.answer();
  }

  close(): void {
    this.isClosed = true;
  }
}

function scene() {
  const redis = new RedisDouble();
  const timers = new ManualTimers();
  const { log, records } = recordLog();
  const circuit = new CircuitClient(redis, { log, timeoutMs: 100, timers });
  return { redis, timers, circuit, records };
}

const FAILS = () => Promise.reject(new RedisError("unavailable", "away"));

Deno.test("CircuitClient.send gives replies and failures", async () => {
  const { redis, circuit } = scene();

  assertEquals(await circuit.send(["GET", "a"]), "OK");
  redis.answer = FAILS;
  await assertRejects(() => circuit.send(["GET", "a"]), RedisError, "redis: away");
});

Deno.test("CircuitClient.send waits no longer than it may", async () => {
  const { redis, circuit, timers } = scene();
  redis.answer = () => new Promise(() => {});

  const asked = assertRejects(() => circuit.send(["GET", "a"]), RedisError, "within 100ms");
  const patient = assertRejects(
    () => circuit.send(["GET", "a"], { timeoutMs: 300 }),
    RedisError,
    "within 300ms",
  );
  await timers.pass(100);
  await asked;
  assertEquals(timers.waiting, 1);
  await timers.pass(200);
  await patient;
});

Deno.test("CircuitClient asks no more after three failures, until Redis is back", async () => {
  const { redis, circuit, timers, records } = scene();
  redis.answer = FAILS;
  for (let count = 1; count <= 5; count++) {
    await assertRejects(() => circuit.send(["GET", "a"]), RedisError, "away");
  }
  assertEquals(redis.sent, ["GET", "GET", "GET"]);

  await timers.pass(1000);
  await timers.pass(1000);
  assertEquals(redis.sent.slice(3), ["PING", "PING"]);
  await assertRejects(() => circuit.send(["GET", "a"]), RedisError);

  redis.answer = () => Promise.resolve("OK");
  await timers.pass(1000);
  assertEquals(await circuit.send(["GET", "a"]), "OK");
  assertEquals(messages(records), [
    "warning: redis is away: going on without it",
    "info: redis is back",
  ]);
});

Deno.test("CircuitClient forgives failures that are not in a row", async () => {
  const { redis, circuit } = scene();
  for (const answer of [FAILS, FAILS, () => Promise.resolve("OK"), FAILS, FAILS]) {
    redis.answer = answer;
    await circuit.send(["GET", "a"]).catch(() => {});
  }
  redis.answer = () => Promise.resolve("OK");
  assertEquals(await circuit.send(["GET", "a"]), "OK");
});

Deno.test("CircuitClient.close asks no more", async () => {
  const { redis, circuit, timers } = scene();
  redis.answer = FAILS;
  for (let count = 1; count <= 3; count++) await circuit.send(["GET", "a"]).catch(() => {});

  circuit.close();

  assertEquals([redis.isClosed, timers.waiting], [true, 0]);
});
