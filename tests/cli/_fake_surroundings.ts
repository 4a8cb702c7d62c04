import type { StopSignal, Surroundings } from "../../src/cli/command.ts";
import type { LineOutput } from "../../src/log/line_writer.ts";

/** An output that keeps what is written to it. */
export class FakeOutput implements LineOutput {
  #text = "";

  get text(): string {
    return this.#text;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.#text += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.byteLength);
  }
}

/** A process that only seems to be one. */
export class FakeSurroundings implements Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly processId = 42;
  readonly stdout = new FakeOutput();
  readonly stderr = new FakeOutput();
  readonly stdoutIsTerminal = false;
  readonly stderrIsTerminal = false;
  stdinIsTerminal = false;
  /** What is typed, or comes in, line by line. */
  readonly secrets: string[] = [];
  /** The codes that {@linkcode exit} was called with. */
  readonly exits: number[] = [];
  #onStopSignal: (signal: StopSignal) => void = () => {};
  #onCrash: (error: unknown) => void = () => {};

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = env;
  }

  readonly readSecret = (): Promise<string | undefined> => Promise.resolve(this.secrets.shift());

  onStopSignal(listener: (signal: StopSignal) => void): void {
    this.#onStopSignal = listener;
  }

  onCrash(listener: (error: unknown) => void): void {
    this.#onCrash = listener;
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  /** Sends the process a signal. */
  signal(signal: StopSignal): void {
    this.#onStopSignal(signal);
  }

  /** Lets an error go uncaught. */
  crash(error: unknown): void {
    this.#onCrash(error);
  }
}
