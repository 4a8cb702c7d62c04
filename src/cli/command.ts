/**
 * What a command of the program is, and what it may touch of the process around it.
 *
 * A command is data with one function; the table of all is in `commands.ts`, from which arguments
 * are read and help is written. It never ends the process: it gives an exit code back.
 *
 * @module
 */

import type { LineOutput } from "../log/line_writer.ts";

/** Signals that ask the program to end. */
export type StopSignal = "SIGINT" | "SIGTERM";

/** The process around a command, handed in so that a test can stand in for it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly processId: number;
  /** The module that serves when it is run as a worker; absent where only this thread can serve. */
  readonly workerEntry?: string;
  readonly stdout: LineOutput;
  readonly stderr: LineOutput;
  /** Whether a person reads `stdout` on a terminal. */
  readonly stdoutIsTerminal: boolean;
  /** Whether a person reads `stderr` on a terminal. */
  readonly stderrIsTerminal: boolean;
  /** Whether a person types on `stdin`. */
  readonly stdinIsTerminal: boolean;
  /**
   * Asks for a secret without showing it, or reads a line of `stdin` where nobody types;
   * `undefined` where there is none.
   */
  readonly readSecret: (question: string) => Promise<string | undefined>;
  /** Calls `listener` for each signal instead of what the system would do. */
  onStopSignal(listener: (signal: StopSignal) => void): void;
  /** Calls `listener` for what nobody caught, instead of ending the process. */
  onCrash(listener: (error: unknown) => void): void;
  /** Ends the process now, whatever is going on. */
  exit(code: number): void;
}

/** A flag such as `--debug`. */
export interface Flag {
  /** Long name without hyphens. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What it does, in a few words. */
  readonly about: string;
}

/** A line of help with an example. */
export interface Example {
  /** What to type. */
  readonly command: string;
  /** What it does, in a few words. */
  readonly about: string;
}

/** What was asked of a command. */
export interface Invocation {
  /** Arguments that are no flags, as many as the command takes at most. */
  readonly operands: readonly string[];
  /** Long names of the flags that were given. */
  readonly flags: ReadonlySet<string>;
}

/** A command of the program. */
export interface Command {
  /** What it is for, in one line. */
  readonly about: string;
  /** Names of its arguments that are no flags, each of which may be left out. */
  readonly operands: readonly string[];
  /** What else to know, a paragraph each. */
  readonly details: readonly string[];
  /** Flags beside the ones that every command has. */
  readonly flags: readonly Flag[];
  readonly examples: readonly Example[];
  /**
   * Does it.
   * @returns the exit code
   */
  run(invocation: Invocation, surroundings: Surroundings): Promise<number>;
}

/** Writes a text with a line break behind it, all of it. */
export async function printLine(output: LineOutput, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(`${text}\n`);
  for (let written = 0; written < bytes.byteLength;) {
    written += await output.write(bytes.subarray(written));
  }
}
