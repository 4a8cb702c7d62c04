import type { HealthFailures } from "../app/background.ts";
import type { LineOutput } from "../log/line_writer.ts";
import { createMeter, type Meter } from "../metrics/meter.ts";
import type { MetricsSnapshot } from "../metrics/snapshot.ts";
import { ServerError } from "../server/error.ts";
import { type Service, startService } from "./service.ts";
import { startLogging } from "./start_logging.ts";
import type { FromServingThread, ServeMessage, ToServingThread } from "./serving_messages.ts";

/** The side of a thread's channel that leads to the main thread; `globalThis` in a worker is one. */
export interface ThreadScope {
  onmessage: ((event: MessageEvent<ToServingThread>) => void) | null;
  postMessage(message: FromServingThread): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
  addEventListener(
    type: "unhandledrejection",
    listener: (event: PromiseRejectionEvent) => void,
  ): void;
  /** Ends the thread. */
  close(): void;
}

/**
 * Serves in this thread as the main thread asks. A failure that nobody caught ends the thread; the
 * main thread then starts another.
 */
export function runServingThread(scope: ThreadScope): void {
  const outputs = new ThreadOutputs(scope);
  let failures: HealthFailures;
  let service: Service | undefined;
  let meter: Meter | undefined;
  const metrics = () => meter?.snapshot() ?? [];
  reportFailures(scope, metrics);
  scope.onmessage = ({ data }) => {
    switch (data.kind) {
      case "serve":
        failures = data.failures;
        meter = data.config.http.debug === undefined ? undefined : createMeter();
        serve(scope, { message: data, outputs, failures: () => failures, meter }).then(
          (started) => {
            service = started;
          },
        );
        break;
      case "health":
        failures = data.failures;
        break;
      case "measure":
        scope.postMessage({ kind: "measured", metrics: metrics() });
        break;
      case "written":
        outputs.written(data.id);
        break;
      case "drain":
        drain(scope, service, data.timeoutMs);
        break;
    }
  };
  scope.postMessage({ kind: "ready" });
}

/** Tells the main thread of what nobody caught, and ends; the runtime would write to the log. */
function reportFailures(scope: ThreadScope, metrics: () => MetricsSnapshot): void {
  const fail = (event: Event, error: unknown) => {
    event.preventDefault();
    const reason = error instanceof Error ? error.stack ?? error.message : String(error);
    scope.postMessage({ kind: "failed", reason, metrics: metrics() });
    scope.close();
  };
  scope.addEventListener("error", (event) => fail(event, event.error));
  scope.addEventListener("unhandledrejection", (event) => fail(event, event.reason));
}

/** What a thread needs to serve. */
interface ServeParts {
  readonly message: ServeMessage;
  readonly outputs: ThreadOutputs;
  readonly failures: () => HealthFailures;
  readonly meter: Meter | undefined;
}

async function serve(
  scope: ThreadScope,
  { message, outputs, failures, meter }: ServeParts,
): Promise<Service | undefined> {
  const { config, instanceId, terminal, entry: workerEntry, generations, outbox } = message;
  const logging = startLogging(config.log, {
    output: outputs.output("stderr"),
    instanceId,
    terminal,
  });
  try {
    const stdout = outputs.output("stdout");
    const service = await startService(config, {
      log: logging.log,
      stdout,
      failures,
      reusePort: true,
      meter,
      workerEntry,
      generations,
      events: outbox && { share: outbox, onEvents: () => scope.postMessage({ kind: "events" }) },
      instanceId,
    });
    scope.postMessage({ kind: "listening", address: service.address });
    return {
      ...service,
      async stop(drainTimeoutMs) {
        const unfinished = await service.stop(drainTimeoutMs);
        await logging.close();
        return unfinished;
      },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ServerError ? { code: error.code } : {};
    scope.postMessage({ kind: "refused", error: { message, ...code } });
    return undefined;
  }
}

async function drain(
  scope: ThreadScope,
  service: Service | undefined,
  timeoutMs: number,
): Promise<void> {
  const unfinished = await service?.stop(timeoutMs) ?? 0;
  scope.postMessage({ kind: "drained", unfinished });
  scope.close();
}

/** The outputs of the process, as a thread has them: by way of the main thread. */
class ThreadOutputs {
  readonly #scope: ThreadScope;
  readonly #waiting = new Map<number, () => void>();
  #lastId = 0;

  constructor(scope: ThreadScope) {
    this.#scope = scope;
  }

  /** Whole batches of lines reach the output in one piece, whichever thread they come from. */
  output(output: "stdout" | "stderr"): LineOutput {
    return {
      write: (bytes) => {
        const id = ++this.#lastId;
        const { promise, resolve } = Promise.withResolvers<number>();
        this.#waiting.set(id, () => resolve(bytes.byteLength));
        // A part of a larger buffer would be sent with all of the buffer.
        this.#scope.postMessage({ kind: "output", id, output, bytes: bytes.slice() });
        return promise;
      },
    };
  }

  /** Notes that an output is written, so that whoever waits may send more. */
  written(id: number): void {
    this.#waiting.get(id)?.();
    this.#waiting.delete(id);
  }
}
