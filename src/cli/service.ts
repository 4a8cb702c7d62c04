import type { Logger } from "@logtape/logtape";
import type { HealthFailures } from "../app/background.ts";
import { createRegistry, type EventOutlet } from "../app/registry.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import { type LineOutput, LineWriter } from "../log/line_writer.ts";
import type { Meter } from "../metrics/meter.ts";
import type { MetricsSnapshot } from "../metrics/snapshot.ts";
import { watchEventLoop } from "../metrics/watch_event_loop.ts";
import { withAccessLog } from "../server/access_log.ts";
import type { ListenAddress } from "../server/listen_address.ts";
import { startServer } from "../server/start_server.ts";
import type { TlsSettings } from "../server/tls_settings.ts";

/** A registry behind its listener. */
export interface Service {
  readonly address: ListenAddress;
  /** Resolves when the listener has ended, for whatever reason. */
  readonly finished: Promise<void>;
  /** All that is measured, in every thread; nothing where no meter was given. */
  metrics(): Promise<MetricsSnapshot>;
  /** The health checks that fail, with their reasons; `undefined` while none does. */
  failures(): HealthFailures;
  /**
   * Ends everything in order: the listener, the registry, the access log.
   *
   * @param drainTimeoutMs how long requests may still take, in milliseconds; 0 for not at all
   * @returns how many requests were not finished
   */
  stop(drainTimeoutMs: number): Promise<number>;
}

/** Options of {@linkcode startService}. */
export interface ServiceOptions {
  readonly log: Logger;
  /** Where the access log goes. */
  readonly stdout: LineOutput;
  /**
   * Tells which health checks fail, where this is one of several threads: another one then does what
   * must be done once.
   * @default this one does
   */
  readonly failures?: () => HealthFailures;
  /** Whether other threads listen on the same port. @default false */
  readonly reusePort?: boolean;
  /** Counts what happens in this thread. @default nothing is counted */
  readonly meter?: Meter | undefined;
  /** Module that compares passwords when it is run as a worker. @default the library's own */
  readonly workerEntry?: string | undefined;
  /** What all threads share to know of removals. @default there are no others */
  readonly generations?: SharedArrayBuffer;
  /** Where its events go. @default to an outbox of its own */
  readonly events?: EventOutlet | undefined;
  /** Names this start of the program. @default a UUID */
  readonly instanceId?: string;
}

/**
 * Builds the registry that `config` describes and listens for its clients.
 *
 * @throws {ConfigError} invalid
 * @throws {DriverError} the storage cannot be reached
 * @throws {ServerError} any code
 */
export async function startService(config: Config, options: ServiceOptions): Promise<Service> {
  const { log, reusePort = false, meter } = options;
  const { accessLog } = config.log;
  const registry = await createRegistry(config, options);
  const access = accessLog.disabled ? undefined : createAccessWriter(options);
  const tls = tlsSettings(config);
  try {
    const server = await startServer({
      handler: withAccessLog(
        (request, client) => registry.fetch(request, client),
        access,
        SYSTEM_CLOCK,
      ),
      addr: config.http.addr,
      net: config.http.net,
      h2c: config.http.h2c.enabled,
      reusePort,
      log,
      ...tls === undefined ? {} : { tls },
    });
    const stopWatching = meter === undefined ? undefined : watchEventLoop(meter);
    return {
      address: server.address,
      finished: server.finished,
      metrics: () => Promise.resolve(meter?.snapshot() ?? []),
      failures: registry.failures,
      async stop(drainTimeoutMs) {
        stopWatching?.();
        const unfinished = await server.drain(drainTimeoutMs);
        await registry.close();
        await access?.close();
        return unfinished;
      },
    };
  } catch (error) {
    await registry.close();
    throw error;
  }
}

/** Nobody waits for a line of the access log, and a write costs as much as many lines. */
const ACCESS_DELAY_MS = 100;

function createAccessWriter({ log, stdout }: ServiceOptions): LineWriter {
  return new LineWriter(stdout, {
    delayMs: ACCESS_DELAY_MS,
    onDropped(lines) {
      // A line of another form would upset what reads the access log.
      log.warn("access log lines dropped: their reader was too slow", {
        [LOG_FIELDS.lines]: lines,
      });
      return undefined;
    },
  });
}

function tlsSettings({ http: { tls, http2 } }: Config): TlsSettings | undefined {
  const { certificate, key } = tls ?? {};
  if (tls === undefined || certificate === undefined || key === undefined) return undefined;
  const { clientCas, clientAuth, minimumTls } = tls;
  const files = { certificate, key };
  return { files, clientCas, clientAuth, minimumTls, http2: !http2.disabled };
}
