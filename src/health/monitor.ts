import type { Logger } from "@logtape/logtape";
import { SYSTEM_TIMERS, type Timers } from "../base/timers.ts";
import type { HealthCheck } from "./check.ts";

/** Options of {@linkcode HealthMonitor}. */
export interface HealthMonitorOptions {
  readonly log: Logger;
  /** Is told of each change of the checks that fail. @default nobody is */
  readonly onChange?: (failures: Readonly<Record<string, string>> | undefined) => void;
  readonly timers?: Timers;
}

/** What is known of one check. */
interface State {
  readonly check: HealthCheck;
  failures: number;
  /** Why the check counts as failed; `undefined` while it does not. */
  reason: string | undefined;
  cancel?: () => void;
}

/**
 * Asks checks in the background. A check is healthy until it has failed as often in a row as its
 * threshold says; one success makes it healthy again. Each change is logged once, with the reason.
 *
 * Source: reference of Distribution, "Health checks".
 */
export class HealthMonitor {
  readonly #states: readonly State[];
  readonly #log: Logger;
  readonly #timers: Timers;
  readonly #onChange: (failures: HealthMonitor["failures"]) => void;
  readonly #stop = new AbortController();
  #failures: Readonly<Record<string, string>> | undefined;

  constructor(checks: readonly HealthCheck[], options: HealthMonitorOptions) {
    this.#states = checks.map((check) => ({ check, failures: 0, reason: undefined }));
    this.#log = options.log;
    this.#timers = options.timers ?? SYSTEM_TIMERS;
    this.#onChange = options.onChange ?? (() => {});
    for (const state of this.#states) this.#schedule(state);
  }

  /** The failed checks and why they failed; `undefined` while all is well. */
  get failures(): Readonly<Record<string, string>> | undefined {
    return this.#failures;
  }

  /** Asks no more. */
  close(): void {
    this.#stop.abort();
    for (const { cancel } of this.#states) cancel?.();
  }

  #schedule(state: State): void {
    if (this.#stop.signal.aborted) return;
    state.cancel = this.#timers.after(state.check.intervalMs, () => {
      this.#ask(state).finally(() => this.#schedule(state));
    });
  }

  async #ask(state: State): Promise<void> {
    const { check } = state;
    try {
      await check.run(this.#stop.signal);
      if (state.reason !== undefined) this.#log.info("health check passes again", named(check));
      state.failures = 0;
      this.#note(state, undefined);
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      state.failures++;
      if (state.failures < check.threshold) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (state.reason === undefined) {
        this.#log.error("health check fails", { ...named(check), "health.reason": reason });
      }
      this.#note(state, reason);
    }
  }

  #note(state: State, reason: string | undefined): void {
    if (state.reason === reason) return;
    state.reason = reason;
    const failed: Record<string, string> = {};
    for (const { check, reason } of this.#states) {
      if (reason !== undefined) failed[check.name] = reason;
    }
    this.#failures = Object.keys(failed).length === 0 ? undefined : failed;
    this.#onChange(this.#failures);
  }
}

function named({ name }: HealthCheck): { readonly "health.check": string } {
  return { "health.check": name };
}
