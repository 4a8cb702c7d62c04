import type { Logger } from "@logtape/logtape";
import { debugVars } from "../app/debug_vars.ts";
import type { Config } from "../config/config.ts";
import { PROGRAM_INSTRUMENTS } from "../metrics/instruments/program_instruments.ts";
import { measureProcess } from "../metrics/measure_process.ts";
import { createMeter, type Meter } from "../metrics/meter.ts";
import { renderPrometheus } from "../metrics/render_prometheus.ts";
import { createDebugHandler } from "../server/debug_handler.ts";
import { formatListenAddress } from "../server/listen_address.ts";
import { type RunningServer, startServer } from "../server/start_server.ts";
import { PROGRAM } from "./program.ts";
import type { Service } from "./service.ts";

/** Makes the meter of the main thread, which counts the program and its process as well. */
export function createProgramMeter(): Meter {
  const meter = createMeter();
  meter.gauge(PROGRAM_INSTRUMENTS.build).with(PROGRAM.version).set(1);
  // One thread, unless several are started.
  meter.gauge(PROGRAM_INSTRUMENTS.threads).with().set(1);
  meter.counter(PROGRAM_INSTRUMENTS.threadRestarts);
  measureProcess(meter);
  return meter;
}

/** Options of {@linkcode withDebugListener}. */
export interface DebugListenerOptions {
  readonly config: Config;
  readonly log: Logger;
}

/**
 * Adds the debug listener to a service, where the configuration asks for one: it lives as long as
 * the service, draining included.
 *
 * @throws {ServerError} it cannot listen; the service is then stopped
 */
export async function withDebugListener(
  service: Service,
  { config, log }: DebugListenerOptions,
): Promise<Service> {
  const { debug } = config.http;
  if (debug === undefined) return service;
  let listener: RunningServer;
  try {
    listener = await startServer({
      addr: debug.addr,
      addrKey: "http.debug.addr",
      handler: debugHandler(service, config),
      log,
    });
  } catch (error) {
    await service.stop(0);
    throw error;
  }
  log.info(`debug server listening ${formatListenAddress(listener.address)}`);
  if (debug.prometheus.enabled) {
    log.info(`providing prometheus metrics on ${debug.prometheus.path}`);
  }
  return {
    ...service,
    async stop(drainTimeoutMs) {
      const unfinished = await service.stop(drainTimeoutMs);
      await listener.drain(0);
      return unfinished;
    },
  };
}

function debugHandler(service: Service, config: Config) {
  const { enabled, path } = config.http.debug?.prometheus ?? { enabled: false, path: "" };
  const metrics = {
    path,
    read: async () => await renderPrometheus(await service.metrics()),
  };
  return createDebugHandler({
    failures: () => service.failures(),
    vars: async () => debugVars(config, await service.metrics()),
    ...enabled ? { metrics } : {},
  });
}
