import { configureSync, getLogger, type Logger, type LogRecord } from "@logtape/logtape";
import { toBytes } from "../../src/base/bytes.ts";
import type { Clock } from "../../src/base/clock.ts";
import {
  DriverError,
  type FileInfo,
  type FileWriter,
  type ReadOptions,
  type RedirectRequest,
  type StorageDriver,
  type WalkOptions,
  type WriterOptions,
} from "../../src/drivers/driver.ts";
import { guardDriver } from "../../src/drivers/guard.ts";
import { InMemoryDriver } from "../../src/drivers/inmemory/driver.ts";
import { walkTree } from "../../src/drivers/walk_tree.ts";

/** A log that nobody reads. */
export const SILENT: Logger = getLogger(["stowage", "test", "silent"]);

/** A log whose records a test can look at; at most one at a time. */
export function recordLog(): { readonly log: Logger; readonly records: LogRecord[] } {
  const records: LogRecord[] = [];
  configureSync({
    reset: true,
    sinks: { records: (record) => void records.push(record) },
    loggers: [
      { category: ["stowage"], sinks: ["records"], lowestLevel: "debug" },
      { category: ["logtape", "meta"], lowestLevel: "error" },
    ],
  });
  return { log: getLogger(["stowage", "test"]), records };
}

/** What records say, with their level. */
export function messages(records: readonly LogRecord[]): string[] {
  return records.map(({ level, rawMessage }) => `${level}: ${rawMessage}`);
}

/** A clock that a test sets. */
export class FakeClock implements Clock {
  #nowMs: number;

  constructor(nowMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

/** What can be called, those of writers included. */
export type DriverMethod =
  | Exclude<keyof StorageDriver, "name">
  | "write"
  | "commit"
  | "cancel"
  | "closeWriter";

/** One call, before it goes on to the real driver. */
export interface DriverCall {
  readonly method: DriverMethod;
  readonly path: string;
}

/** The calls that change what is stored. */
const CHANGES: readonly DriverMethod[] = ["putContent", "write", "commit", "move", "delete"];

/**
 * A driver that notes every call, and on which a test can make calls fail or wait: {@linkcode before}
 * is asked first, and what it throws is what the caller sees.
 */
export class DriverDouble implements StorageDriver {
  readonly name = "double";
  readonly calls: DriverCall[] = [];
  before: (call: DriverCall) => void | Promise<void> = () => {};
  readonly #driver: StorageDriver;

  /** @param driver what does the work; by default a new, guarded one in memory */
  constructor(driver: StorageDriver = guardDriver(new InMemoryDriver())) {
    this.#driver = driver;
  }

  /** The paths that were changed since the start, in order, as `<method> <path>`. */
  get changes(): string[] {
    return this.calls
      .filter(({ method }) => CHANGES.includes(method))
      .map(({ method, path }) => `${method} ${path}`);
  }

  /** Whether one of the calls was `method` on `path`. */
  called(method: DriverMethod, path: string): boolean {
    return this.calls.some((call) => call.method === method && call.path === path);
  }

  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    await this.#note("getContent", path);
    return await this.#driver.getContent(path);
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    await this.#note("putContent", path);
    await this.#driver.putContent(path, content);
  }

  async reader(
    path: string,
    options?: ReadOptions,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    await this.#note("reader", path);
    return await this.#driver.reader(path, options);
  }

  async writer(path: string, options?: WriterOptions): Promise<FileWriter> {
    await this.#note("writer", path);
    const writer = await this.#driver.writer(path, options);
    return {
      get sizeBytes() {
        return writer.sizeBytes;
      },
      write: async (chunk) => {
        await this.#note("write", path);
        await writer.write(chunk);
      },
      // It lets go of the file even when it fails, as the contract has it.
      close: () => this.#note("closeWriter", path).finally(() => writer.close()),
      commit: async () => {
        await this.#note("commit", path);
        await writer.commit();
      },
      cancel: async () => {
        await this.#note("cancel", path);
        await writer.cancel();
      },
    };
  }

  async stat(path: string): Promise<FileInfo> {
    await this.#note("stat", path);
    return await this.#driver.stat(path);
  }

  async list(path: string): Promise<string[]> {
    await this.#note("list", path);
    return await this.#driver.list(path);
  }

  async move(source: string, destination: string): Promise<void> {
    await this.#note("move", destination);
    await this.#driver.move(source, destination);
  }

  async delete(path: string): Promise<void> {
    await this.#note("delete", path);
    await this.#driver.delete(path);
  }

  async redirectUrl(path: string, request: RedirectRequest): Promise<string | undefined> {
    await this.#note("redirectUrl", path);
    return `https://storage.test${path}?method=${request.method}`;
  }

  async *walk(path: string, options?: WalkOptions): AsyncGenerator<FileInfo, void, void> {
    await this.#note("walk", path);
    // What the walk lists and looks at is noted too.
    yield* walkTree(this, path, options);
  }

  async close(): Promise<void> {
    await this.#note("close", "/");
    await this.#driver.close();
  }

  async #note(method: DriverMethod, path: string): Promise<void> {
    this.calls.push({ method, path });
    await this.before({ method, path });
  }
}

/** Makes the process that uses `driver` die: the first `survived` changes happen, nothing more. */
export function dieAfter(driver: DriverDouble, survived: number): void {
  let left = survived;
  let dead = false;
  driver.before = ({ method, path }) => {
    dead ||= CHANGES.includes(method) && left-- === 0;
    if (dead) throw new DriverError("unavailable", { driver: "double", path, cause: "dead" });
  };
}

/** A full disk, as a driver tells of it. */
export function noSpace(path: string): DriverError {
  return new DriverError("no_space", { driver: "double", path });
}

/** A body of pieces; `end` is called when they are used up, and may fail. */
export function bodyOf(
  pieces: readonly (string | Uint8Array)[],
  end: (controller: ReadableStreamDefaultController<Uint8Array>) => void | Promise<void> = (
    controller,
  ) => controller.close(),
): ReadableStream<Uint8Array> {
  const waiting = pieces.map((piece) => typeof piece === "string" ? toBytes(piece) : piece);
  return new ReadableStream({
    async pull(controller) {
      const piece = waiting.shift();
      if (piece === undefined) await end(controller);
      else controller.enqueue(piece);
    },
  }, { highWaterMark: 0 });
}

/** Every file of a driver with its text, by path. */
export async function filesOf(
  driver: StorageDriver,
  root = "/",
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, isDirectory } of driver.walk(root)) {
    if (!isDirectory) files[path] = new TextDecoder().decode(await driver.getContent(path));
  }
  return files;
}
