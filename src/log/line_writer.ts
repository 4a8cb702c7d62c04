/**
 * Writes lines without making anybody wait for them.
 *
 * A request only puts its line in a queue; a few milliseconds later all that is there goes out in
 * one write. Where the reader of the output is too slow, the queue is bounded: further lines are
 * dropped and counted, and the loss is reported as soon as there is room again.
 *
 * @module
 */

import { delay } from "@std/async/delay";
import { toBytes } from "../base/bytes.ts";
import { type LineBatch, LineBatches } from "./line_batches.ts";

/** Takes lines; never throws and never waits. */
export interface LineSink {
  /** Puts a line, without its end, behind those before it. */
  write(line: string, options?: WriteLineOptions): void;
}

/** Options of {@linkcode LineSink.write}. */
export interface WriteLineOptions {
  /** Whether to begin writing now instead of a few milliseconds later. @default false */
  readonly urgent?: boolean;
}

/** Where bytes go; `Deno.stderr` and `Deno.stdout` are such. */
export interface LineOutput {
  /** Writes some of the bytes and tells how many. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Options of {@linkcode LineWriter}. */
export interface LineWriterOptions {
  /** How long a line waits for others to join it, in milliseconds. @default 5 */
  readonly delayMs?: number;
  /** Characters that are written without waiting any longer. @default 65,536 */
  readonly batchLength?: number;
  /** Characters that may wait for a slow reader. @default 8,388,608 */
  readonly maxQueuedLength?: number;
  /** Told how many lines were lost since the last call; must not throw. A line it returns is written. */
  readonly onDropped?: (lines: number) => string | undefined;
}

type Delay = (ms: number) => Promise<void>;

/** How long to leave an output alone that says it is full, in milliseconds. */
const FULL_DELAY_MS = 10;

/** A queue of lines in front of an output that may be slow. */
export class LineWriter implements LineSink {
  readonly #output: LineOutput;
  readonly #delayMs: number;
  readonly #batchLength: number;
  readonly #maxQueuedLength: number;
  readonly #onDropped: (lines: number) => string | undefined;
  readonly #queue = new LineBatches();
  #queuedLength = 0;
  #dropped = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> | undefined;
  #hurry = false;
  #closed = false;
  #abandoned = false;

  constructor(output: LineOutput, options: LineWriterOptions = {}) {
    this.#output = output;
    this.#delayMs = options.delayMs ?? 5;
    this.#batchLength = options.batchLength ?? 65_536;
    this.#maxQueuedLength = options.maxQueuedLength ?? 8_388_608;
    this.#onDropped = options.onDropped ?? (() => undefined);
  }

  write(line: string, options: WriteLineOptions = {}): void {
    if (this.#closed || this.#queuedLength + line.length > this.#maxQueuedLength) {
      this.#dropped++;
      return;
    }
    this.#queue.add(line);
    this.#queuedLength += line.length + 1;
    if (options.urgent === true || this.#queuedLength >= this.#batchLength) this.#startNow();
    else this.#startSoon();
  }

  /**
   * Waits until everything that was given before is written.
   *
   * @returns whether it was; `false` where the output did not take it within `timeoutMs`
   */
  async flush(timeoutMs = 2000): Promise<boolean> {
    this.#startNow();
    if (this.#writing === undefined) return true;
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => resolve(false), timeoutMs);
    try {
      return await Promise.race([this.#writing.then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Flushes, and gives up what the output does not take; lines that come later are dropped. */
  async close(timeoutMs?: number): Promise<boolean> {
    this.#closed = true;
    const written = await this.flush(timeoutMs);
    this.#abandoned = !written;
    return written;
  }

  #startSoon(): void {
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = setTimeout(() => this.#startNow(), this.#delayMs);
  }

  #startNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#hurry = true;
    if (this.#writing !== undefined) return;
    if (this.#queue.isEmpty && this.#dropped === 0) return;
    this.#writing = this.#writeQueue().finally(() => {
      this.#writing = undefined;
      // What came in meanwhile was in no hurry and waits to be joined by others.
      if (!this.#queue.isEmpty) this.#startSoon();
    });
  }

  async #writeQueue(): Promise<void> {
    while (this.#hurry) {
      this.#hurry = false;
      const batches = this.#takeBatches();
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        try {
          await this.#writeAll(batch.bytes);
          this.#queue.giveBack(batch);
        } catch {
          // The output is gone (a closed pipe, a full disk): nobody is left to be told but the count.
          for (const { lines } of [batch, ...batches]) this.#dropped += lines;
          return;
        }
      }
    }
  }

  #takeBatches(): LineBatch[] {
    const batches = this.#queue.take();
    this.#queuedLength = 0;
    const notice = this.#takeNotice();
    if (notice !== undefined) batches.push(notice);
    return batches;
  }

  #takeNotice(): LineBatch | undefined {
    if (this.#dropped === 0) return undefined;
    const lines = this.#dropped;
    this.#dropped = 0;
    const notice = this.#onDropped(lines);
    return notice === undefined ? undefined : { bytes: toBytes(`${notice}\n`), lines };
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.byteLength) {
      try {
        written += await this.#output.write(bytes.subarray(written));
      } catch (error) {
        // A parent that made the pipe non-blocking: it is full for now, not broken.
        if (!(error instanceof Deno.errors.WouldBlock) || this.#abandoned) throw error;
        await (delay as Delay)(FULL_DELAY_MS);
      }
    }
  }
}
