import { getLogger, type Logger } from "@logtape/logtape";
import { createApi } from "../api/api.ts";
import { createHttpMetrics, type HttpMetrics } from "../api/http_metrics.ts";
import type { Client } from "../base/client.ts";
import type { Config } from "../config/config.ts";
import type { StorageDriver } from "../drivers/driver.ts";
import { createDriver } from "../drivers/factory.ts";
import { timeActions } from "../drivers/time_actions.ts";
import type { Meter } from "../metrics/meter.ts";
import type { Recorder } from "../notifications/recorder.ts";
import { Background, type HealthFailures } from "./background.ts";
import { buildAccess } from "./build_access.ts";
import { buildRecorder, type OutboxShare } from "./build_events.ts";
import { buildDescriptorCache } from "./build_descriptor_cache.ts";
import { buildMiddleware } from "./build_middleware.ts";
import { buildApiSettings } from "./build_settings.ts";
import { buildStore } from "./build_store.ts";
import { findTracing, type Tracing } from "./tracing.ts";

/** A registry, ready to answer. */
export interface Registry {
  /** Answers a request; it never throws. */
  fetch(request: Request, client?: Client): Promise<Response>;
  /** The health checks that fail, with their reasons; `undefined` while none does. */
  failures(): Readonly<Record<string, string>> | undefined;
  /** Ends what goes on in the background; the requests that are being answered come first. */
  close(): Promise<void>;
}

/** Where the events of a thread go. */
export interface EventOutlet {
  readonly share: OutboxShare;
  /** Is told of new events. */
  onEvents(): void;
}

/** Options of {@linkcode createRegistry}. */
export interface RegistryOptions {
  /** Takes the lines of the log. @default LogTape's logger `stowage`, which is silent until LogTape is configured */
  readonly log?: Logger;
  /**
   * Tells which health checks fail. Where it is given, somebody else runs them, and all that goes
   * on beside requests: another thread of the same program.
   * @default this registry does so itself
   */
  readonly failures?: (() => HealthFailures) | undefined;
  /** Counts what happens in this thread. @default nothing is counted */
  readonly meter?: Meter | undefined;
  /** Module that compares passwords when it is run as a worker. @default the library's own */
  readonly workerEntry?: string | undefined;
  /** What all threads of this program share to know of removals; see `cache/generations.ts`. */
  readonly generations?: SharedArrayBuffer | undefined;
  /** Where events are recorded, and who is told; whoever runs the background sends them. @default this registry */
  readonly events?: EventOutlet | undefined;
  /** Names this start of the program in its events. @default a UUID */
  readonly instanceId?: string | undefined;
}

/**
 * Opens the storage that the configuration names.
 *
 * @param watch what counts its calls, and what makes spans of them
 */
export async function createStorageDriver(
  config: Config,
  watch: {
    readonly meter?: Meter | undefined;
    readonly tracing?: Tracing | undefined;
  } = {},
): Promise<StorageDriver> {
  const { meter, tracing } = watch;
  const { name } = config.storage.driver;
  const driver = await createDriver(
    config.storage.driver,
    meter === undefined ? {} : { observe: timeActions(meter, name) },
  );
  return tracing?.traceDriver(driver) ?? driver;
}

/** The metrics of requests are for Prometheus alone; Distribution takes them then only, too. */
function buildHttpMetrics({ http }: Config, meter: Meter | undefined): HttpMetrics | undefined {
  const isWanted = http.debug?.prometheus.enabled ?? false;
  return meter !== undefined && isWanted ? createHttpMetrics(meter) : undefined;
}

/** Events go to the outbox of whoever runs the background. */
function recorderOf(
  config: Config,
  { log, meter, instanceId = crypto.randomUUID(), events }:
    & RegistryOptions
    & { readonly log: Logger },
  background: Background | undefined,
): Recorder | undefined {
  const dispatch = background?.events;
  const outlet = events ??
    (dispatch && { share: dispatch.share(0, 1), onEvents: () => dispatch.wake() });
  return outlet && buildRecorder(config, { log, meter, instanceId, ...outlet });
}

const UNKNOWN_CLIENT: Client = { address: "" };

/**
 * Builds a registry from its configuration.
 *
 * @throws {DriverError} the storage cannot be reached
 */
export async function createRegistry(
  config: Config,
  options: RegistryOptions = {},
): Promise<Registry> {
  const { log = getLogger(["stowage"]), meter, workerEntry, generations } = options;
  const tracing = await findTracing();
  const opened = await createStorageDriver(config, { meter, tracing });
  const driver = await buildMiddleware(config, { driver: opened, log });
  const access = await buildAccess(config, { log, driver, workerEntry });
  const cache = await buildDescriptorCache(config, { log, meter, generations });
  const built = await buildStore(config, { driver, cache, log, meter });
  const background = options.failures === undefined
    ? new Background(config, driver, { log, meter, cache, workerEntry })
    : undefined;
  const failures = options.failures ?? (() => background?.failures);
  const events = recorderOf(config, { ...options, log }, background);
  const handle = createApi({
    store: built.store,
    settings: buildApiSettings(config),
    log,
    failures,
    metrics: buildHttpMetrics(config, meter),
    access,
    events,
  });
  return {
    fetch: (request, client = UNKNOWN_CLIENT) =>
      tracing === undefined
        ? handle(request, client)
        : tracing.traceRequest(request, () => handle(request, client)),
    failures,
    async close() {
      await events?.close();
      await background?.close();
      await built.close();
      for (const part of [access, cache]) part?.close();
      await driver.close();
    },
  };
}
