import type { Logger } from "@logtape/logtape";
import { Background, type HealthFailures } from "../app/background.ts";
import { prepareAccess } from "../app/build_access.ts";
import { buildDescriptorCache } from "../app/build_descriptor_cache.ts";
import { createStorageDriver } from "../app/registry.ts";
import { SYSTEM_TIMERS } from "../base/timers.ts";
import type { DescriptorCache } from "../cache/cache.ts";
import { newGenerations } from "../cache/generations.ts";
import type { EventDispatch } from "../app/build_events.ts";
import type { Config } from "../config/config.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import type { LineOutput } from "../log/line_writer.ts";
import { PROGRAM_INSTRUMENTS } from "../metrics/instruments/program_instruments.ts";
import type { Counter, Meter } from "../metrics/meter.ts";
import { keepCounts, mergeSnapshots, type MetricsSnapshot } from "../metrics/snapshot.ts";
import { ServerError, type ServerErrorCode } from "../server/error.ts";
import type { ListenAddress } from "../server/listen_address.ts";
import type { Service } from "./service.ts";
import type {
  FromServingThread,
  OutputMessage,
  RefusedError,
  ServeMessage,
  ToServingThread,
} from "./serving_messages.ts";

/** Options of {@linkcode startServingPool}. */
export interface ServingPoolOptions {
  readonly log: Logger;
  readonly instanceId: string;
  readonly stdout: LineOutput;
  readonly stderr: LineOutput;
  /** Whether a person reads the log on a terminal. */
  readonly terminal: boolean;
  /** The module whose worker serves. */
  readonly entry: string;
  /** How many threads serve, 1 or more. */
  readonly threads: number;
  /**
   * How long to wait before a thread that failed is replaced, in milliseconds: threads that cannot
   * live shall not keep the machine busy. @default 1000
   */
  readonly restartDelayMs?: number;
  /** Counts what happens in this thread; the others have meters of their own. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/** How long a scrape waits for a thread that is busy, in milliseconds; then its last values stand. */
const MEASURE_TIMEOUT_MS = 1000;

/**
 * Serves in several threads that listen on one port, and does here what must be done once: health
 * checks, purging, writing the logs. A thread that fails is replaced; only its requests are lost.
 *
 * @throws {ConfigError} {DriverError} {ServerError} as `startService`
 */
export async function startServingPool(
  config: Config,
  options: ServingPoolOptions,
): Promise<Service> {
  const { log, meter, entry: workerEntry } = options;
  const driver = await createStorageDriver(config, options);
  await prepareAccess(config, { log, driver });
  const generations = newGenerations();
  const pool = new ServingPool(config, {
    ...options,
    generations,
    events: () => background.events,
  });
  const cache = await buildCollectorCache(config, { log, generations });
  const onFailures = (failures: HealthFailures) => pool.tell(failures);
  const background = new Background(config, driver, { log, onFailures, meter, cache, workerEntry });
  const closeBackground = async () => {
    await background.close();
    cache?.close();
    await driver.close();
  };
  try {
    const address = await pool.start();
    return {
      address,
      finished: pool.finished,
      metrics: () => pool.metrics(),
      failures: () => background.failures,
      async stop(drainTimeoutMs) {
        const unfinished = await pool.drain(drainTimeoutMs);
        await closeBackground();
        return unfinished;
      },
    };
  } catch (error) {
    await pool.drain(0);
    await closeBackground();
    throw error;
  }
}

/** The collector takes content out of repositories, and must tell whoever remembers what they hold. */
async function buildCollectorCache(
  config: Config,
  options: { readonly log: Logger; readonly generations: SharedArrayBuffer },
): Promise<DescriptorCache | undefined> {
  if (!config.storage.maintenance.garbageCollection.enabled) return undefined;
  return await buildDescriptorCache(config, options);
}

/** Options of {@linkcode ServingPool}. */
interface PoolOptions extends ServingPoolOptions {
  /** What the threads share to know of removals; see `cache/generations.ts`. */
  readonly generations: SharedArrayBuffer;
  /** The outbox, once the threads start; `undefined` where nobody wants events. */
  readonly events: () => EventDispatch | undefined;
}

class ServingPool {
  readonly #config: Config;
  readonly #options: PoolOptions;
  readonly #outputs: { readonly stdout: LineOutput; readonly stderr: LineOutput };
  readonly #threads = new Set<ServingThread>();
  readonly #restarts: Counter | undefined;
  readonly #finished = Promise.withResolvers<void>();
  readonly finished: Promise<void> = this.#finished.promise;
  #failures: HealthFailures;
  #isDraining = false;
  /** What threads counted that have ended. */
  #past: MetricsSnapshot = [];

  constructor(config: Config, options: PoolOptions) {
    this.#config = config;
    this.#options = options;
    const { meter } = options;
    const threads = meter?.gauge(PROGRAM_INSTRUMENTS.threads).with();
    meter?.beforeSnapshot(() => threads?.set(this.#threads.size));
    this.#restarts = meter?.counter(PROGRAM_INSTRUMENTS.threadRestarts).with();
    this.#outputs = {
      stdout: new SerialOutput(options.stdout),
      stderr: new SerialOutput(options.stderr),
    };
  }

  /** Starts all threads; the first one settles which port it is. */
  async start(): Promise<ListenAddress> {
    const { addr } = this.#config.http;
    const address = await this.#startThread(addr, 0);
    const settled = address.transport === "unix" ? addr : withPort(addr, address.port);
    const others = Array.from(
      { length: this.#options.threads - 1 },
      (_, index) => this.#startThread(settled, index + 1),
    );
    await Promise.all(others);
    return address;
  }

  /** Tells all threads which health checks fail. */
  tell(failures: HealthFailures): void {
    this.#failures = failures;
    for (const thread of this.#threads) thread.tell({ kind: "health", failures });
  }

  /** What is measured here, in each thread, and in those that have ended. */
  async metrics(): Promise<MetricsSnapshot> {
    const { meter } = this.#options;
    if (meter === undefined) return [];
    await Promise.all([...this.#threads].map((thread) => thread.measure()));
    // A thread that ended meanwhile is no more among them, and its counts are in the past.
    const running = [...this.#threads].map(({ metrics }) => metrics);
    return mergeSnapshots([meter.snapshot(), this.#past, ...running]);
  }

  /** Ends all threads. */
  async drain(timeoutMs: number): Promise<number> {
    this.#isDraining = true;
    const threads = [...this.#threads];
    const unfinished = await Promise.all(threads.map((thread) => thread.drain(timeoutMs)));
    this.#finished.resolve();
    return unfinished.reduce((sum, count) => sum + count, 0);
  }

  async #startThread(addr: string, index: number): Promise<ListenAddress> {
    const thread = new ServingThread(this.#options.entry, {
      outputs: this.#outputs,
      onEvents: () => this.#options.events()?.wake(),
      onDeath: (reason) => this.#replace(thread, { addr, index, reason }),
    });
    this.#threads.add(thread);
    const { instanceId, terminal, entry } = this.#options;
    const config = { ...this.#config, http: { ...this.#config.http, addr } };
    const failures = this.#failures;
    return await thread.serve({
      kind: "serve",
      config,
      instanceId,
      terminal,
      failures,
      entry,
      generations: this.#options.generations,
      outbox: this.#options.events()?.share(index, this.#options.threads),
    });
  }

  #replace(
    thread: ServingThread,
    { addr, index, reason }: { addr: string; index: number; reason: string },
  ): void {
    this.#threads.delete(thread);
    this.#past = mergeSnapshots([this.#past, keepCounts(thread.metrics)]);
    if (this.#isDraining) return;
    const { log, restartDelayMs = 1000 } = this.#options;
    log.error("a serving thread failed and is replaced", {
      [LOG_FIELDS.errorMessage]: reason.split("\n", 1)[0],
      [LOG_FIELDS.errorStack]: reason,
    });
    this.#restarts?.add();
    SYSTEM_TIMERS.after(restartDelayMs, () => {
      if (this.#isDraining) return;
      this.#startThread(addr, index).catch((error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        log.error("could not start a serving thread", { [LOG_FIELDS.errorMessage]: message });
      });
    });
  }
}

/** What a {@linkcode ServingThread} needs. */
interface ServingThreadOptions {
  readonly outputs: { readonly stdout: LineOutput; readonly stderr: LineOutput };
  /** Is told of new events in the outbox. */
  readonly onEvents: () => void;
  /** Is told when the thread has ended without being asked to. */
  readonly onDeath: (reason: string) => void;
}

/** The main thread's end of a thread that serves. */
class ServingThread {
  readonly #worker: Worker;
  readonly #outputs: ServingThreadOptions["outputs"];
  readonly #onEvents: () => void;
  readonly #ready = Promise.withResolvers<void>();
  readonly #listening = Promise.withResolvers<ListenAddress>();
  readonly #drained = Promise.withResolvers<number>();
  readonly #onDeath: (reason: string) => void;
  #metrics: MetricsSnapshot = [];
  #measured: PromiseWithResolvers<void> | undefined;

  constructor(entry: string, { outputs, onEvents, onDeath }: ServingThreadOptions) {
    this.#onEvents = onEvents;
    this.#outputs = outputs;
    this.#onDeath = onDeath;
    this.#worker = new Worker(entry, { type: "module", name: "serving" });
    this.#worker.onmessage = (event: MessageEvent<FromServingThread>) => this.#hear(event.data);
    this.#worker.onerror = (event) => {
      // Otherwise the failure of a thread would end the process.
      event.preventDefault();
      this.#die(event.message);
    };
    // Whoever waits for the address hears of it; after that nobody needs to.
    this.#listening.promise.catch(() => {});
  }

  /** Begins to serve. */
  async serve(message: ServeMessage): Promise<ListenAddress> {
    await Promise.race([this.#ready.promise, this.#listening.promise]);
    this.tell(message);
    return await this.#listening.promise;
  }

  tell(message: ToServingThread): void {
    this.#worker.postMessage(message);
  }

  /** What it had measured when it last told. */
  get metrics(): MetricsSnapshot {
    return this.#metrics;
  }

  /** Waits until the thread has told what it measured, unless it is too busy to. */
  async measure(): Promise<void> {
    if (this.#measured === undefined) {
      this.#measured = Promise.withResolvers();
      this.tell({ kind: "measure" });
    }
    const { promise, resolve } = this.#measured;
    const cancel = SYSTEM_TIMERS.after(MEASURE_TIMEOUT_MS, resolve);
    await promise;
    cancel();
    this.#measured = undefined;
  }

  /** Ends the thread; gives how many requests were not finished. */
  async drain(timeoutMs: number): Promise<number> {
    this.tell({ kind: "drain", timeoutMs });
    const unfinished = await this.#drained.promise;
    this.#worker.terminate();
    return unfinished;
  }

  #die(reason: string): void {
    this.#worker.terminate();
    this.#listening.reject(new Error(reason));
    this.#drained.resolve(0);
    this.#measured?.resolve();
    this.#onDeath(reason);
  }

  #hear(message: FromServingThread): void {
    switch (message.kind) {
      case "ready":
        this.#ready.resolve();
        break;
      case "listening":
        this.#listening.resolve(message.address);
        break;
      case "refused":
        this.#listening.reject(revive(message.error));
        break;
      case "measured":
        this.#metrics = message.metrics;
        this.#measured?.resolve();
        break;
      case "failed":
        this.#metrics = message.metrics;
        this.#die(message.reason);
        break;
      case "events":
        this.#onEvents();
        break;
      case "output":
        this.#write(message);
        break;
      case "drained":
        this.#drained.resolve(message.unfinished);
        break;
    }
  }

  async #write({ id, output, bytes }: OutputMessage): Promise<void> {
    await this.#outputs[output].write(bytes);
    this.tell({ kind: "written", id });
  }
}

/** Writes the batches of several threads one after the other, each of them whole. */
class SerialOutput implements LineOutput {
  readonly #output: LineOutput;
  #last: Promise<unknown> = Promise.resolve();

  constructor(output: LineOutput) {
    this.#output = output;
  }

  write(bytes: Uint8Array): Promise<number> {
    const written = this.#last.then(() => this.#writeAll(bytes));
    this.#last = written;
    return written;
  }

  async #writeAll(bytes: Uint8Array): Promise<number> {
    try {
      for (let done = 0; done < bytes.byteLength;) {
        done += await this.#output.write(bytes.subarray(done));
      }
    } catch {
      // Nobody reads the output any more; a log must not end the program.
    }
    return bytes.byteLength;
  }
}

/** The address that was asked for, with the port that was given. */
function withPort(addr: string, port: number): string {
  return addr.replace(/:[^:]*$/, `:${port}`);
}

function revive({ message, code }: RefusedError): Error {
  return code === undefined
    ? new Error(message)
    : new ServerError(code as ServerErrorCode, message);
}
