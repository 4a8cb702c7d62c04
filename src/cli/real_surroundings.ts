import type { StopSignal, Surroundings } from "./command.ts";
import { readSecret } from "./read_secret.ts";

/** Signals that the system knows; Windows has no SIGTERM. */
const STOP_SIGNALS: readonly StopSignal[] = Deno.build.os === "windows"
  ? ["SIGINT"]
  : ["SIGINT", "SIGTERM"];

/**
 * The process that the program really runs in.
 *
 * @param workerEntry the module that serves when it is run as a worker
 */
export function realSurroundings(workerEntry: string): Surroundings {
  return {
    workerEntry,
    env: Deno.env.toObject(),
    processId: Deno.pid,
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    stdoutIsTerminal: Deno.stdout.isTerminal(),
    stderrIsTerminal: Deno.stderr.isTerminal(),
    stdinIsTerminal: Deno.stdin.isTerminal(),
    readSecret: (question) => readSecret(Deno.stdin, { question, output: Deno.stderr }),
    onStopSignal(listener) {
      for (const signal of STOP_SIGNALS) Deno.addSignalListener(signal, () => listener(signal));
    },
    onCrash(listener) {
      globalThis.addEventListener("error", (event) => {
        event.preventDefault();
        listener(event.error);
      });
      globalThis.addEventListener("unhandledrejection", (event) => {
        event.preventDefault();
        listener(event.reason);
      });
    },
    exit: (code) => Deno.exit(code),
  };
}
