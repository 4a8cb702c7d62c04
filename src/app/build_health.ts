import type { Config } from "../config/config.ts";
import { isPathNotFound, type StorageDriver } from "../drivers/driver.ts";
import type { HealthCheck } from "../health/check.ts";
import { fileCheck, httpCheck, tcpCheck } from "../health/checks.ts";

/** The health checks that the configuration asks for. */
export function buildHealthChecks({ health }: Config, driver: StorageDriver): HealthCheck[] {
  const { enabled, ...pace } = health.storageDriver;
  return [
    ...enabled ? [{ name: `storagedriver_${driver.name}`, ...pace, run: () => stat(driver) }] : [],
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
