/**
 * Makes spans of storage calls, for whoever looks where the time of a request went.
 *
 * The runtime makes the span of the request itself and says what it belongs to; what is done here
 * comes below it. The driver is wrapped only where tracing is on.
 *
 * @module
 */

import { type Attributes, type Span, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import {
  applyInTurn,
  type Change,
  type DeleteOptions,
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
 * What stands before the names of attributes.
 *
 * Source: reference of Distribution, "Tracing".
 */
const PREFIX = "io.cncf.distribution.storage.";

/** Gives a driver whose calls are spans, and leaves the work to `driver`. */
export function traceDriver(driver: StorageDriver, tracer: Tracer): StorageDriver {
  return new TracedDriver(driver, new Spans(tracer, driver.name));
}

class TracedDriver implements StorageDriver {
  readonly name: string;
  readonly isRemote: boolean;
  readonly #driver: StorageDriver;
  readonly #spans: Spans;

  constructor(driver: StorageDriver, spans: Spans) {
    this.name = driver.name;
    this.isRemote = driver.isRemote ?? false;
    this.#driver = driver;
    this.#spans = spans;
  }

  getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#spans.run("GetContent", { path }, () => this.#driver.getContent(path));
  }

  putContent(path: string, content: Uint8Array, options?: PutOptions): Promise<void> {
    const facts = { path, "content.length": content.byteLength };
    const putting = () => this.#driver.putContent(path, content, options);
    return this.#spans.run("PutContent", facts, putting);
  }

  reader(path: string, options?: ReadOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const facts = { path, offset: options?.offset ?? 0 };
    return this.#spans.run("Reader", facts, () => this.#driver.reader(path, options));
  }

  async writer(path: string, options?: WriterOptions): Promise<FileWriter> {
    const span = this.#spans.start("Writer", { path, append: options?.append ?? false });
    try {
      return new TracedWriter(await this.#driver.writer(path, options), span);
    } catch (error) {
      throw endFailed(span, error);
    }
  }

  stat(path: string, options?: StatOptions): Promise<FileInfo> {
    return this.#spans.run("Stat", { path }, () => this.#driver.stat(path, options));
  }

  list(path: string): Promise<string[]> {
    return this.#spans.run("List", { path }, () => this.#driver.list(path));
  }

  move(source: string, destination: string): Promise<void> {
    const facts = { "source.path": source, "destination.path": destination };
    return this.#spans.run("Move", facts, () => this.#driver.move(source, destination));
  }

  apply(changes: readonly Change[]): Promise<void> {
    const { apply } = this.#driver;
    if (apply === undefined) return applyInTurn(this, changes);
    const facts = { paths: changes.map(({ path }) => path) };
    return this.#spans.run("Apply", facts, () => apply.call(this.#driver, changes));
  }

  delete(path: string, options?: DeleteOptions): Promise<void> {
    return this.#spans.run("Delete", { path }, () => this.#driver.delete(path, options));
  }

  sweep(path: string, options: SweepOptions): Promise<number> {
    const sweeping = () => this.#driver.sweep?.(path, options) ?? Promise.resolve(0);
    return this.#spans.run("Sweep", { path }, sweeping);
  }

  redirectUrl(path: string, request: RedirectRequest): Promise<string | undefined> {
    return this.#spans.run("RedirectURL", { path }, () => this.#driver.redirectUrl(path, request));
  }

  async removeEmptyFolders(path: string, top: string): Promise<void> {
    await this.#driver.removeEmptyFolders?.(path, top);
  }

  async *walk(path: string, options?: WalkOptions): AsyncGenerator<FileInfo, void, void> {
    const span = this.#spans.start("Walk", { path });
    try {
      yield* this.#driver.walk(path, options);
    } catch (error) {
      throw endFailed(span, error);
    } finally {
      span.end();
    }
  }

  close(): Promise<void> {
    return this.#driver.close();
  }
}

/** A writer whose span lasts as long as it holds its file. */
class TracedWriter implements FileWriter {
  readonly #writer: FileWriter;
  readonly #span: Span;

  constructor(writer: FileWriter, span: Span) {
    this.#writer = writer;
    this.#span = span;
  }

  get sizeBytes(): number {
    return this.#writer.sizeBytes;
  }

  get version(): string | undefined {
    return this.#writer.version;
  }

  write(chunk: Uint8Array): Promise<void> {
    return this.#writer.write(chunk);
  }

  async commit(): Promise<void> {
    await this.#writer.commit();
    this.#span.addEvent("committed");
  }

  async close(): Promise<void> {
    await this.#writer.close();
    this.#end();
  }

  async cancel(): Promise<void> {
    await this.#writer.cancel();
    this.#end();
  }

  #end(): void {
    this.#span.setAttribute(`${PREFIX}size`, this.#writer.sizeBytes);
    this.#span.end();
  }
}

class Spans {
  readonly #tracer: Tracer;
  readonly #driver: string;

  constructor(tracer: Tracer, driver: string) {
    this.#tracer = tracer;
    this.#driver = driver;
  }

  /** Begins a span below the one that is active. */
  start(name: string, facts: Attributes): Span {
    const attributes: Attributes = { [`${PREFIX}driver.name`]: this.#driver };
    for (const [fact, value] of Object.entries(facts)) attributes[`${PREFIX}${fact}`] = value;
    return this.#tracer.startSpan(name, { attributes });
  }

  /** Makes a span of a call. */
  async run<T>(name: string, facts: Attributes, call: () => Promise<T>): Promise<T> {
    const span = this.start(name, facts);
    try {
      return await call();
    } catch (error) {
      throw endFailed(span, error);
    } finally {
      span.end();
    }
  }
}

/** Ends a span as failed, and gives the error back. */
function endFailed(span: Span, error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
  span.end();
  return error;
}
