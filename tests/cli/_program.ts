import { join } from "@std/path";
import { readProjectFile, serveFlags } from "../../scripts/serve_flags.ts";

const PROJECT_ROOT: string = join(import.meta.dirname ?? ".", "../..");

/** How to start the program. */
export interface ProgramOptions {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder. */
  readonly cwd: string;
}

/** The program in a process of its own, run from source with the permissions that users give it. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  readonly #waiting = new Set<() => void>();
  #stdout = "";
  #stderr = "";
  #hasEnded = false;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#reading = Promise.all([
      this.#read(child.stdout, (text) => this.#stdout += text),
      this.#read(child.stderr, (text) => this.#stderr += text),
    ]);
    child.status.then(() => this.#wake(true));
  }

  /** Starts it. */
  static async start({ args, env = {}, cwd }: ProgramOptions): Promise<Program> {
    const flags = serveFlags(await readProjectFile(PROJECT_ROOT));
    const config = join(PROJECT_ROOT, "deno.json");
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "--config", config, ...flags, join(PROJECT_ROOT, "src/main.ts"), ...args],
      cwd,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    });
    return new Program(command.spawn());
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /**
   * Waits until it has written to its error output what `pattern` matches.
   *
   * @throws {Error} with all it wrote, where it ends without
   */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#stderr);
      if (match !== null) return match;
      if (this.#hasEnded) throw new Error(`It ended without ${pattern}:\n${this.#stderr}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Waits until it answers, and tells on which port of 127.0.0.1. */
  async port(): Promise<number> {
    const [, port] = await this.logged(/listening on 127\.0\.0\.1:(\d+)/);
    return Number(port);
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it ends and gives its exit code. */
  async exitCode(): Promise<number> {
    const { code } = await this.#child.status;
    await this.#reading;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#hasEnded) this.#child.kill("SIGKILL");
    await this.exitCode();
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    take: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      take(text);
      this.#wake(false);
    }
  }

  #wake(hasEnded: boolean): void {
    this.#hasEnded ||= hasEnded;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
