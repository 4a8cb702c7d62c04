import type { Config, RedisConfig } from "../config/config.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import type { HealthCheck } from "../health/check.ts";
import { fileCheck, httpCheck, tcpCheck } from "../health/checks.ts";
import { connectRedis } from "../redis/connect.ts";

/** The health checks that the configuration asks for. */
export function buildHealthChecks({ health, redis }: Config, driver: StorageDriver): HealthCheck[] {
  const { enabled, ...pace } = health.storageDriver;
  const { enabled: checkRedis, ...redisPace } = health.redis;
  return [
    ...enabled ? [{ name: `storagedriver_${driver.name}`, ...pace, run: () => stat(driver) }] : [],
    ...checkRedis && redis !== undefined
      ? [{ name: "redis", ...redisPace, run: () => ping(redis) }]
      : [],
    ...health.file.map((config) => fileCheck(config)),
    ...health.http.map((config) => httpCheck(config)),
    ...health.tcp.map((config) => tcpCheck(config)),
  ];
}

/** An empty storage is a healthy one. */
async function stat(driver: StorageDriver): Promise<void> {
  try {
    await driver.stat("/");
  } catch (error) {
    if (!isPathNotFound(error)) throw error;
  }
}

/** Asks over a connection of its own, so that whoever could connect no more is found too. */
async function ping(config: RedisConfig): Promise<void> {
  const redis = await connectRedis(config);
  try {
    await redis.send(["PING"]);
  } finally {
    redis.close();
  }
}
