import { BlockSender } from "../block_sender.ts";
import type { FileWriter } from "../driver.ts";
import type { PartBudget } from "../part_budget.ts";
import { type Bucket, SESSION_TYPE, type StoredObject } from "./_bucket.ts";
import { toDriverError } from "./failures.ts";
import { abandonSession, endSession, GRANULE_BYTES, sendPart } from "./_session.ts";

/** Where the state of an unfinished file is kept. Source: Distribution. */
const METADATA = { uri: "Session-URI", offset: "Offset" } as const;

/** The generation of what is not there. */
const NO_GENERATION = "0";

/** What {@linkcode GcsWriter.open} needs. */
export interface GcsWriterOptions {
  readonly bucket: Bucket;
  /** The path that errors name. */
  readonly path: string;
  /** The name of the object. */
  readonly name: string;
  readonly append: boolean;
  /** Length of the next part, in bytes; a multiple of {@linkcode GRANULE_BYTES}. */
  readonly partBytes: () => number;
  /** Memory for the parts of all writers together. */
  readonly budget: PartBudget;
  /** Is told which content the file has become. */
  readonly onCommitted: (generation: string) => void;
  /** Lets the next writer have the file; it is called once. */
  readonly release: () => void;
}

/** What earlier writers have left. */
interface Left {
  /** Where parts are sent to; empty where none was sent yet. */
  readonly uri: string;
  /** Bytes that the store has. */
  readonly offset: number;
  /** Bytes behind them, too few for a part. */
  readonly tail: Uint8Array<ArrayBuffer>;
  readonly generation: string;
  /** A file that was committed. */
  readonly object?: StoredObject;
}

const NOTHING: Left = { uri: "", offset: 0, tail: new Uint8Array(), generation: NO_GENERATION };

/**
 * A file that is written as a resumable upload. {@linkcode close} leaves an object that marks it as
 * unfinished and holds what any other replica needs to go on: the session, how far it is, and the
 * bytes that are too few for a part. It replaces only the mark that the writer has found, so of two
 * replicas that write to one file the second fails.
 *
 * Source: reference of Distribution, "Azure and GCS".
 */
export class GcsWriter implements FileWriter {
  readonly #options: GcsWriterOptions;
  readonly #left: Left;
  readonly #sender: BlockSender;
  #uri: string;
  #offset: number;
  #generation: string;
  #state: "untouched" | "written" | "committed" = "untouched";

  private constructor(options: GcsWriterOptions, left: Left) {
    this.#options = options;
    this.#left = left;
    this.#uri = left.uri;
    this.#offset = left.offset;
    this.#generation = left.generation;
    this.#sender = new BlockSender({
      blockBytes: options.partBytes,
      send: (content) => this.#send(content),
      budget: options.budget,
    });
  }

  /** Opens a file; with `append` behind what earlier writers have left. */
  static async open(options: GcsWriterOptions): Promise<GcsWriter> {
    const { bucket, name, path, append, release } = options;
    try {
      const left = await look(bucket, name);
      if (append) return new GcsWriter(options, left);
      if (left.uri !== "") await abandonSession(left.uri);
      return new GcsWriter(options, { ...NOTHING, generation: left.generation });
    } catch (error) {
      release();
      throw toDriverError(error, path);
    }
  }

  get sizeBytes(): number {
    if (this.#state !== "untouched") return this.#offset + this.#sender.pendingBytes;
    return this.#left.object?.sizeBytes ?? this.#left.offset + this.#left.tail.byteLength;
  }

  get version(): string {
    return this.#generation === NO_GENERATION ? "" : this.#generation;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#begin();
      await this.#sender.write(chunk);
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
  }

  async close(): Promise<void> {
    try {
      if (this.#state === "written") await this.#sender.useRest((rest) => this.#save(rest));
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    } finally {
      this.#options.release();
    }
  }

  async commit(): Promise<void> {
    try {
      if (this.#state === "written" || this.#left.object === undefined) await this.#publish();
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
    this.#options.onCommitted(this.#generation);
    this.#state = "committed";
  }

  async cancel(): Promise<void> {
    const { bucket, name, path, release } = this.#options;
    await this.#sender.settle();
    try {
      if (this.#uri !== "") await abandonSession(this.#uri);
      await bucket.remove(name);
    } catch (error) {
      throw toDriverError(error, path);
    }
    release();
  }

  /** Before the first byte is added, takes over what there is. */
  async #begin(): Promise<void> {
    if (this.#state !== "untouched") return;
    this.#state = "written";
    const { bucket, name } = this.#options;
    const { object, tail } = this.#left;
    await this.#sender.write(tail);
    if (object === undefined || object.sizeBytes === 0) return;
    const { body } = await bucket.get(name);
    for await (const chunk of body ?? []) await this.#sender.write(chunk);
  }

  async #send(content: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#uri === "") this.#uri = await this.#options.bucket.startSession(this.#options.name);
    await sendPart(this.#uri, { offset: this.#offset, content });
    this.#offset += content.byteLength;
  }

  /** Sends what makes up a part, and notes the rest. */
  async #save(rest: Uint8Array<ArrayBuffer>): Promise<void> {
    const wholeBytes = rest.byteLength - rest.byteLength % GRANULE_BYTES;
    if (wholeBytes > 0) await this.#send(rest.subarray(0, wholeBytes));
    const tail = rest.subarray(wholeBytes);
    const { bucket, name } = this.#options;
    this.#generation = await bucket.put(name, tail, {
      contentType: SESSION_TYPE,
      metadata: { [METADATA.uri]: this.#uri, [METADATA.offset]: String(this.#offset) },
      generation: this.#generation,
    });
    this.#offset += tail.byteLength;
  }

  async #publish(): Promise<void> {
    await this.#begin();
    await this.#sender.useRest((content) => this.#end(content));
  }

  async #end(content: Uint8Array<ArrayBuffer>): Promise<void> {
    const { bucket, name } = this.#options;
    const offset = this.#offset;
    const totalBytes = offset + content.byteLength;
    this.#generation = this.#uri === ""
      ? await bucket.put(name, content, { generation: this.#generation })
      : await endSession(this.#uri, { offset, content, totalBytes });
    this.#offset = totalBytes;
  }
}

/** Bytes of an unfinished file that an object marks. */
export function unfinishedBytes({ metadata, sizeBytes }: StoredObject): number {
  return Number(metadata[METADATA.offset] ?? 0) + sizeBytes;
}

/** Where the parts of an unfinished file are sent to; empty where none was. */
export function sessionOf({ metadata }: StoredObject): string {
  return metadata[METADATA.uri] ?? "";
}

async function look(bucket: Bucket, name: string): Promise<Left> {
  const object = await bucket.head(name);
  if (object === undefined) return NOTHING;
  const { generation } = object;
  if (object.contentType !== SESSION_TYPE) return { ...NOTHING, generation, object };
  const response = await bucket.get(name);
  const tail = await response.bytes();
  const offset = unfinishedBytes(object) - object.sizeBytes;
  return { uri: sessionOf(object), offset, tail, generation };
}
