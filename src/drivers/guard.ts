/**
 * The guard stands in front of every driver, so that the rules all of them share are kept in one
 * place: which paths and offsets are allowed, how many calls run at once, which errors come out,
 * and how long calls take.
 *
 * It never waits on behalf of a call that may run at once, for it is on the path of every request.
 *
 * @module
 */

import { Semaphore } from "../base/semaphore.ts";
import {
  applyInTurn,
  type Change,
  type DeleteOptions,
  DriverError,
  type FileInfo,
  type FileWriter,
  type PutOptions,
  type ReadOptions,
  type RedirectRequest,
  type StatOptions,
  type StorageDriver,
  type SweepOptions,
  type WalkOptions,
  type WriterOptions,
} from "./driver.ts";

/**
 * What is timed, under the names that Distribution's metrics have.
 *
 * Source: reference of Distribution, "Driver interface"; opening a stream is not timed there.
 */
export type DriverAction =
  | "GetContent"
  | "PutContent"
  | "Stat"
  | "List"
  | "Move"
  | "Delete"
  | "RedirectURL";

/** Options of {@linkcode guardDriver}. */
export interface GuardOptions {
  /**
   * At most so many calls at once, 1 or more; the others wait in the order they came. A stream
   * counts while it is opened, not while it is open, and a walk does not count.
   * @default no limit
   */
  readonly maxConcurrency?: number;
  /** Is told of every timed call that ended, well or not, its time in the queue included. */
  readonly observe?: (action: DriverAction, durationMs: number) => void;
}

/** Gives a driver that keeps the rules of this module and leaves the work to `driver`. */
export function guardDriver(driver: StorageDriver, options: GuardOptions = {}): StorageDriver {
  return new GuardedDriver(driver, options);
}

/** One call: what it is about and the rules that apply to it. */
interface Call {
  readonly path: string;
  /** Name under which the call is timed. @default it is not timed */
  readonly action?: DriverAction;
  /** Whether the root is an allowed path. @default false */
  readonly root?: boolean;
  /** Where a file goes to. */
  readonly destination?: string;
  /** The part of a file that is asked for. */
  readonly part?: ReadOptions;
}

class GuardedDriver implements StorageDriver {
  readonly name: string;
  readonly isRemote: boolean;
  readonly #driver: StorageDriver;
  readonly #limit: Semaphore | undefined;
  readonly #observe: GuardOptions["observe"];

  constructor(driver: StorageDriver, { maxConcurrency, observe }: GuardOptions) {
    this.name = driver.name;
    this.isRemote = driver.isRemote ?? false;
    this.#driver = driver;
    this.#limit = maxConcurrency === undefined ? undefined : new Semaphore(maxConcurrency);
    this.#observe = observe;
  }

  getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#run({ path, action: "GetContent" }, () => this.#driver.getContent(path));
  }

  putContent(path: string, content: Uint8Array, options?: PutOptions): Promise<void> {
    const call: Call = { path, action: "PutContent" };
    return this.#run(call, () => this.#driver.putContent(path, content, options));
  }

  reader(path: string, part: ReadOptions = {}): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#run({ path, part }, () => this.#driver.reader(path, part));
  }

  async writer(path: string, options?: WriterOptions): Promise<FileWriter> {
    const writer = await this.#run({ path }, () => this.#driver.writer(path, options));
    return new GuardedWriter(writer, { driver: this.name, path });
  }

  stat(path: string, options?: StatOptions): Promise<FileInfo> {
    return this.#run({ path, action: "Stat", root: true }, () => this.#driver.stat(path, options));
  }

  list(path: string): Promise<string[]> {
    return this.#run({ path, action: "List", root: true }, () => this.#driver.list(path));
  }

  move(source: string, destination: string): Promise<void> {
    const call: Call = { path: source, destination, action: "Move" };
    return this.#run(call, () => this.#driver.move(source, destination));
  }

  async apply(changes: readonly Change[]): Promise<void> {
    const [first] = changes;
    if (first === undefined) return;
    const { apply } = this.#driver;
    if (apply === undefined) return await applyInTurn(this, changes);
    const calls = changes.map(toCall);
    for (const call of calls) {
      const problem = this.#problem(call);
      if (problem !== undefined) throw problem;
    }
    const startedAtMs = performance.now();
    try {
      await this.#run({ path: first.path }, () => apply.call(this.#driver, changes));
    } finally {
      const durationMs = performance.now() - startedAtMs;
      for (const { action } of calls) if (action !== undefined) this.#observe?.(action, durationMs);
    }
  }

  delete(path: string, options?: DeleteOptions): Promise<void> {
    return this.#run({ path, action: "Delete" }, () => this.#driver.delete(path, options));
  }

  sweep(path: string, options: SweepOptions): Promise<number> {
    const sweeping = () => this.#driver.sweep?.(path, options) ?? Promise.resolve(0);
    return this.#run({ path, root: true }, sweeping);
  }

  removeEmptyFolders(path: string, top: string): Promise<void> {
    const removing = () => this.#driver.removeEmptyFolders?.(path, top) ?? Promise.resolve();
    return this.#run({ path }, removing);
  }

  redirectUrl(path: string, request: RedirectRequest): Promise<string | undefined> {
    const call: Call = { path, action: "RedirectURL" };
    return this.#run(call, () => this.#driver.redirectUrl(path, request));
  }

  async *walk(path: string, options?: WalkOptions): AsyncGenerator<FileInfo, void, void> {
    const problem = this.#problem({ path, root: true });
    if (problem !== undefined) throw problem;
    try {
      yield* this.#driver.walk(path, options);
    } catch (error) {
      throw toDriverError(error, { driver: this.name, path });
    }
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  #run<T>(call: Call, task: () => Promise<T>): Promise<T> {
    const problem = this.#problem(call);
    if (problem !== undefined) return Promise.reject(problem);
    const fail = (error: unknown) => {
      throw toDriverError(error, { driver: this.name, path: call.path });
    };
    const observe = this.#observe;
    const { action } = call;
    if (observe === undefined || action === undefined) return this.#start(task).catch(fail);
    const startedAtMs = performance.now();
    // One step, as above: each further one costs as much as the measuring itself.
    return this.#start(task).then((result) => {
      observe(action, performance.now() - startedAtMs);
      return result;
    }, (error) => {
      observe(action, performance.now() - startedAtMs);
      return fail(error);
    });
  }

  #start<T>(task: () => Promise<T>): Promise<T> {
    return this.#limit === undefined ? task() : this.#limit.run(task);
  }

  /** What is wrong with a call. */
  #problem({ path, root, destination, part }: Call): DriverError | undefined {
    const driver = this.name;
    if (!isPath(path) && !(root && path === "/")) {
      return new DriverError("invalid_path", { driver, path });
    }
    if (destination !== undefined && !isPath(destination)) {
      return new DriverError("invalid_path", { driver, path: destination });
    }
    for (const offset of [part?.offset, part?.length]) {
      if (offset !== undefined && !isOffset(offset)) {
        return new DriverError("invalid_offset", { driver, path, offset });
      }
    }
    return undefined;
  }
}

/** A change as the call that would make it alone. */
function toCall(change: Change): Call {
  if ("content" in change) return { path: change.path, action: "PutContent" };
  return { path: change.source, destination: change.path, action: "Move" };
}

/** Where an error belongs to. */
interface Place {
  readonly driver: string;
  readonly path: string;
}

/** Ends a writer for good once one of its three ends was reached. */
class GuardedWriter implements FileWriter {
  readonly #writer: FileWriter;
  readonly #place: Place;
  #state: "open" | "committed" | "ended" = "open";

  constructor(writer: FileWriter, place: Place) {
    this.#writer = writer;
    this.#place = place;
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  get version(): string | undefined {
    return this.#writer.version;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#run(() => this.#writer.write(chunk));
  }

  async close(): Promise<void> {
    // What is committed is only let go.
    if (this.#state === "committed") this.#state = "open";
    await this.#run(() => this.#writer.close());
    this.#state = "ended";
  }

  async commit(): Promise<void> {
    await this.#run(() => this.#writer.commit());
    this.#state = "committed";
  }

  async cancel(): Promise<void> {
    await this.#run(() => this.#writer.cancel());
    this.#state = "ended";
  }

  #run(task: () => Promise<void>): Promise<void> {
    if (this.#state !== "open") {
      return Promise.reject(new DriverError("writer_closed", this.#place));
    }
    return task().catch((error) => {
      throw toDriverError(error, this.#place);
    });
  }
}

/** Segments of letters, digits, dots, underscores and hyphens, none of them `.` or `..`. */
const PATH_REGEXP = /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._-]+)+$/;

function isPath(path: string): boolean {
  return PATH_REGEXP.test(path);
}

function isOffset(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function toDriverError(error: unknown, place: Place): DriverError {
  if (error instanceof DriverError) return error;
  return new DriverError("unavailable", { ...place, cause: error });
}
