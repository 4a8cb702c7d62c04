import type { StopSignal } from "./command.ts";

/** How the program ends; a shell sees these. */
export const EXIT_CODES = {
  /** It did what was asked. */
  success: 0,
  /** It could not: a wrong configuration, an address in use, a drain that took too long. */
  failure: 1,
  /** It was asked for something that it does not know. */
  usage: 2,
} as const;

const SIGNAL_NUMBERS: Readonly<Record<StopSignal, number>> = { SIGINT: 2, SIGTERM: 15 };

/** The exit code of a process that a signal ended, as shells write it. */
export function signalExitCode(signal: StopSignal): number {
  return 128 + SIGNAL_NUMBERS[signal];
}
