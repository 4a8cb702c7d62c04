import type { Logger } from "@logtape/logtape";
import { refuseRuntimeLimits } from "../app/runtime_limits.ts";
import type { Config } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { formatListenAddress } from "../server/listen_address.ts";
import { runtimeQuirks } from "../server/runtime_quirks.ts";
import { passedListeners } from "../server/socket_activation.ts";
import type { Surroundings } from "./command.ts";
import { createProgramMeter, withDebugListener } from "./debug_listener.ts";
import { type Service, startService } from "./service.ts";
import { startServingPool } from "./serving_pool.ts";
import { startAcme } from "./start_acme.ts";

/** Options of {@linkcode startServing}. */
export interface StartServingOptions {
  readonly log: Logger;
  readonly surroundings: Surroundings;
  /** Names this start of the program in the log of each of its threads. */
  readonly instanceId: string;
}

/**
 * Serves, in this thread or in several, and tells where.
 *
 * @throws {ConfigError} {DriverError} {ServerError} as `startService`
 */
export async function startServing(config: Config, options: StartServingOptions): Promise<Service> {
  const { log, surroundings } = options;
  refuseRuntimeLimits(config, runtimeQuirks(Deno.version.deno));
  warnOfPassedListeners(log, surroundings);
  const acme = await startAcme(config, { log });
  if (acme === undefined) return await serve(config, options);
  try {
    const service = await serve(acme.config, options);
    return {
      ...service,
      async stop(drainTimeoutMs) {
        const unfinished = await service.stop(drainTimeoutMs);
        await acme.stop();
        return unfinished;
      },
    };
  } catch (error) {
    await acme.stop();
    throw error;
  }
}

async function serve(config: Config, options: StartServingOptions): Promise<Service> {
  const { log, surroundings } = options;
  const threads = servingThreads(config, options);
  const { stdout, stderr, stderrIsTerminal, workerEntry } = surroundings;
  const meter = config.http.debug === undefined ? undefined : createProgramMeter();
  const service = threads === 1 || workerEntry === undefined
    ? await startService(config, {
      log,
      stdout,
      meter,
      workerEntry,
      instanceId: options.instanceId,
    })
    : await startServingPool(config, {
      log,
      instanceId: options.instanceId,
      stdout,
      stderr,
      terminal: stderrIsTerminal,
      entry: workerEntry,
      threads,
      meter,
    });
  const tls = config.http.tls === undefined ? "" : ", tls";
  log.info(`listening on ${formatListenAddress(service.address)}${tls}`);
  return await withDebugListener(service, { config, log });
}

/** How many threads serve: what is in memory, or behind a socket in a file, one thread alone has. */
function servingThreads({ http, storage }: Config, { log }: StartServingOptions): number {
  const reason = storage.driver.name === "inmemory"
    ? "content is in memory"
    : http.net === "unix"
    ? "http.net is unix"
    : undefined;
  if (reason === undefined) return http.workers ?? navigator.hardwareConcurrency;
  if ((http.workers ?? 1) > 1) {
    log.warn("http.workers is not used: one thread serves", {
      [LOG_FIELDS.configAdvice]: `${reason}, which threads cannot share`,
    });
  }
  return 1;
}

function warnOfPassedListeners(log: Logger, { env, processId }: Surroundings): void {
  const listeners = passedListeners(env, processId);
  if (listeners === 0) return;
  log.warn("listeners passed by the service manager are not used: listening on http.addr", {
    [LOG_FIELDS.listeners]: listeners,
  });
}
