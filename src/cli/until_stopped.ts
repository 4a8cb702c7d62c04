import type { Logger } from "@logtape/logtape";
import { formatDuration } from "../base/duration.ts";
import { LOG_FIELDS } from "../log/fields.ts";
import type { StopSignal, Surroundings } from "./command.ts";
import { EXIT_CODES, signalExitCode } from "./exit_codes.ts";
import { errorFields } from "./explain_error.ts";
import type { Service } from "./service.ts";

/** Options of {@linkcode runUntilStopped}. */
export interface UntilStoppedOptions {
  readonly log: Logger;
  readonly surroundings: Pick<Surroundings, "onStopSignal" | "onCrash" | "exit">;
  /** How long requests in flight may take to end, in milliseconds; 0 for not at all. */
  readonly drainTimeoutMs: number;
}

/** Why a service ends. */
type Reason =
  | { readonly kind: "signal"; readonly signal: StopSignal }
  | { readonly kind: "crash"; readonly error: unknown }
  | { readonly kind: "listener" };

/**
 * Lets a service run until a signal comes, and ends it in order; a second signal ends the process
 * at once.
 *
 * Source: reference of Distribution, "Command line"; without a drain timeout Distribution dies of
 * the signal, here everything is still closed in order.
 *
 * @returns the exit code
 */
export async function runUntilStopped(
  service: Service,
  options: UntilStoppedOptions,
): Promise<number> {
  const reason = await waitForReason(service, options);
  const { log } = options;
  switch (reason.kind) {
    case "signal":
      return await stopInOrder(service, { ...options, signal: reason.signal });
    case "crash":
      log.fatal("unexpected error", errorFields(reason.error));
      break;
    case "listener":
      log.fatal("the listener ended by itself");
      break;
  }
  await service.stop(0);
  return EXIT_CODES.failure;
}

function waitForReason(service: Service, { surroundings }: UntilStoppedOptions): Promise<Reason> {
  return new Promise((resolve) => {
    let isStopping = false;
    surroundings.onStopSignal((signal) => {
      if (isStopping) surroundings.exit(signalExitCode(signal));
      isStopping = true;
      resolve({ kind: "signal", signal });
    });
    surroundings.onCrash((error) => resolve({ kind: "crash", error }));
    service.finished.then(() => resolve({ kind: "listener" }));
  });
}

async function stopInOrder(
  service: Service,
  options: UntilStoppedOptions & { readonly signal: StopSignal },
): Promise<number> {
  const { log, drainTimeoutMs, signal } = options;
  const timeout = formatDuration(drainTimeoutMs);
  log.info("stopping", {
    [LOG_FIELDS.signal]: signal,
    [LOG_FIELDS.timeout]: timeout,
  });
  const unfinished = await service.stop(drainTimeoutMs);
  if (unfinished > 0 && drainTimeoutMs > 0) {
    log.fatal("drain timeout passed before every request was finished", {
      [LOG_FIELDS.timeout]: timeout,
      [LOG_FIELDS.requests]: unfinished,
    });
    return EXIT_CODES.failure;
  }
  log.info("stopped");
  return EXIT_CODES.success;
}
