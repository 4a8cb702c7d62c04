import { delay } from "@std/async/delay";
import { keepOutput } from "./secrets.ts";

/** How to start a server. */
export interface StartOptions {
  /** Absolute path of the program. */
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder. @default that of this process */
  readonly cwd?: string;
  /** The server is ready as soon as this URL answers, or this TCP port of 127.0.0.1 is open. */
  readonly readyUrl: string | number;
  /** Keeps its whole output under this name; see `secrets.ts`. @default not */
  readonly logName?: string;
  /** How often to ask before giving up, {@linkcode POLL_MS} apart. @default 600, which is 30 s */
  readonly maxTries?: number;
}

/** Time between two questions whether the server is ready or gone, in milliseconds. */
const POLL_MS = 50;

/** How long a server may take to end after SIGTERM before it is killed, in milliseconds. */
const STOP_MS = 15_000;

/** How much of a server's output is kept, in characters. */
const OUTPUT_LIMIT = 256 * 1024;

/** A server in a process of its own, which ends with the block that holds it. */
export class ServerProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  readonly #logName: string | undefined;
  #output = "";
  #exit: Deno.CommandStatus | undefined;

  private constructor(child: Deno.ChildProcess, { logName }: StartOptions) {
    this.#child = child;
    this.#logName = logName;
    this.#reading = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
    child.status.then((status) => this.#exit = status);
  }

  /**
   * Starts a server and waits until it answers.
   *
   * @throws {Error} with the output of the server, where it ends or does not answer in time
   */
  static async start(options: StartOptions): Promise<ServerProcess> {
    const command = new Deno.Command(options.command, {
      args: [...options.args],
      env: { NO_COLOR: "1", ...options.env },
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    const server = new ServerProcess(command.spawn(), options);
    try {
      await server.#waitUntilReady(options);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether the process still runs. */
  get isRunning(): boolean {
    return this.#exit === undefined;
  }

  /** The end of what the server has written to its output and its error output. */
  get output(): string {
    return this.#output;
  }

  /** Asks the server to end, kills it where it does not, and gives how it ended. */
  async stop(): Promise<Deno.CommandStatus> {
    this.#signal("SIGTERM");
    const patience = new AbortController();
    const timer = delay(STOP_MS, { signal: patience.signal }).then(
      () => this.#signal("SIGKILL"),
      () => {},
    );
    const status = await this.#child.status;
    patience.abort();
    await Promise.all([timer, this.#reading]);
    return status;
  }

  /** Kills the server at once, as a crash would. */
  async kill(): Promise<void> {
    this.#signal("SIGKILL");
    await this.#child.status;
    await this.#reading;
  }

  /** The most memory the process has ever held, in bytes. Linux only. */
  async peakMemoryBytes(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.pid}/status`);
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes === undefined) throw new Error(`Cannot read the memory of process ${this.pid}`);
    return Number(kilobytes) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #signal(signal: Deno.Signal): void {
    if (!this.isRunning) return;
    try {
      this.#child.kill(signal);
    } catch (error) {
      // It ended by itself before the news of it came.
      if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      if (this.#logName !== undefined) keepOutput(this.#logName, text);
      this.#output = (this.#output + text).slice(-OUTPUT_LIMIT);
    }
  }

  async #waitUntilReady({ readyUrl, command, maxTries = 600 }: StartOptions): Promise<void> {
    for (let tries = 0; tries < maxTries && this.isRunning; tries++) {
      try {
        await (typeof readyUrl === "string" ? ask(readyUrl) : connect(readyUrl));
        return;
      } catch (error) {
        const isAway = error instanceof TypeError || error instanceof Deno.errors.ConnectionRefused;
        if (!isAway) throw error;
        await delay(POLL_MS);
      }
    }
    const what = this.#exit === undefined
      ? `does not answer at "${readyUrl}"`
      : `ended with ${this.#exit.code} before it answered`;
    throw new Error(`Cannot start "${command}": it ${what}. It wrote:\n${this.#output}`);
  }
}

async function ask(url: string): Promise<void> {
  const response = await fetch(url);
  await response.body?.cancel();
}

async function connect(port: number): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  connection.close();
}

/** A port on 127.0.0.1 that nobody listens on at this moment. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}

/** What a finished command has to say. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a command. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a command may run before it is killed, in milliseconds. */
const COMMAND_MS = 120_000;

/** Runs a command to its end, whatever its exit code. */
export async function tryRun(
  argv: readonly [command: string, ...args: string[]],
  options: RunOptions = {},
): Promise<CommandResult> {
  const [command, ...args] = argv;
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    ...options,
    signal: AbortSignal.timeout(COMMAND_MS),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a command to its end and gives what it wrote to its output, without the last line break.
 *
 * @throws {Error} with all it wrote, where it exits with another code than 0
 */
export async function run(
  argv: readonly [command: string, ...args: string[]],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await tryRun(argv, options);
  if (code !== 0) {
    throw new Error(`"${argv.join(" ")}" exited with ${code}:\n${stdout}${stderr}`.trimEnd());
  }
  return stdout.trimEnd();
}
