import type { FileWriter } from "../driver.ts";
import { NO_SHARE, type PartBudget } from "../part_budget.ts";
import { PartBuffer } from "../part_buffer.ts";
import type { Bucket, CopySource, StoredPart } from "./_bucket.ts";
import { copySpans } from "./_copy.ts";
import { isNoUpload, toDriverError } from "./failures.ts";
import { NOTHING, resume, type Resumed, resumedBytes, sumBytes } from "./_resume.ts";
import { type ByteSpan, cutSpans, PART_LIMITS, partSize } from "./_sizes.ts";
import { encodeUnfinished, hashParts, unfinishedKey } from "./_unfinished.ts";

/** What {@linkcode S3Writer.open} needs. */
export interface S3WriterOptions {
  readonly bucket: Bucket;
  /** The path that errors name. */
  readonly path: string;
  readonly key: string;
  readonly append: boolean;
  /** What a look a moment ago has found. @default the store is asked */
  readonly seen?: Resumed | undefined;
  /** Size of the first parts, in bytes. */
  readonly partBytes: number;
  readonly budget: PartBudget;
  /** Is told what the file has become, and by which name its content goes. */
  readonly onCommitted: (file: Committed) => void;
  /** Lets the next writer have the file; it is called once. */
  readonly release: () => void;
}

/** A file that was committed. */
export interface Committed {
  readonly sizeBytes: number;
  readonly etag?: string | undefined;
}

/**
 * Writes a file as an upload in parts, begun when the first part is full: small files are one
 * request. While one part is on its way the next is filled.
 *
 * {@linkcode close} leaves a state beside the file (see `_unfinished.ts`), by which any other replica
 * goes on. Nothing keeps two replicas from doing so at once: parts are completed by the names that
 * this writer knows, so that those of another never get into the file unseen.
 */
export class S3Writer implements FileWriter {
  readonly #options: S3WriterOptions;
  /** What was there when the file was opened. */
  readonly #resumed: Resumed;
  readonly #parts: StoredPart[];
  #partBytes: number;
  #uploadId: string;
  #hasState: boolean;
  #version: string;
  #buffer: PartBuffer;
  #share = NO_SHARE;
  /** A part on its way, which never fails but leaves its failure behind. */
  #sending: Promise<void> | undefined;
  #sendingBytes = 0;
  #failure: unknown;
  #state: "untouched" | "written" | "committed" = "untouched";
  /** Bytes that the file had when this writer came to an end. */
  #endBytes: number | undefined;

  private constructor(options: S3WriterOptions, resumed: Resumed) {
    this.#options = options;
    this.#resumed = resumed;
    this.#parts = [...resumed.parts];
    this.#partBytes = sumBytes(resumed.parts);
    this.#uploadId = resumed.uploadId;
    this.#hasState = resumed.hasState;
    this.#version = resumed.version;
    this.#buffer = this.#newBuffer(this.#parts.length + 1);
  }

  /** Opens a file; with `append` behind what earlier writers have left. */
  static async open(options: S3WriterOptions): Promise<S3Writer> {
    try {
      const left = options.seen ?? await resume(options.bucket, options.key);
      if (options.append) return new S3Writer(options, left);
      await giveUp(options, left);
      return new S3Writer(options, NOTHING);
    } catch (error) {
      options.release();
      throw toDriverError(error, options.path);
    }
  }

  get sizeBytes(): number {
    if (this.#failure !== undefined) return this.#keptBytes;
    if (this.#endBytes !== undefined) return this.#endBytes;
    if (this.#state === "untouched") return resumedBytes(this.#resumed);
    return this.#partBytes + this.#sendingBytes + this.#buffer.sizeBytes;
  }

  get version(): string {
    return this.#version;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#check();
    try {
      await this.#begin();
      for (let done = 0; done < chunk.byteLength;) {
        if (this.#buffer.isFull) await this.#send();
        if (this.#buffer.sizeBytes === 0) await this.#takeShare();
        done += this.#buffer.add(done === 0 ? chunk : chunk.subarray(done));
      }
      if (this.#buffer.isFull) await this.#send();
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
    this.#check();
  }

  async close(): Promise<void> {
    try {
      await this.#sending;
      if (this.#state === "written") await this.#save();
      this.#endBytes = this.sizeBytes;
      this.#buffer.release();
      this.#check();
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    } finally {
      this.#share.giveBack();
      this.#options.release();
    }
  }

  async commit(): Promise<void> {
    const { sizeBytes } = this;
    await this.#sending;
    this.#check();
    try {
      const etag = await this.#publish(sizeBytes);
      // A state of an upload in parts ends with it; any other would come to life again.
      if (this.#hasState && this.#uploadId === "") await this.#forgetState();
      this.#options.onCommitted({ sizeBytes, etag });
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
    this.#endBytes = sizeBytes;
    this.#buffer.release();
    this.#state = "committed";
    this.#share.giveBack();
  }

  async cancel(): Promise<void> {
    const { bucket, key, path, release } = this.#options;
    await this.#sending;
    try {
      if (this.#uploadId !== "") await bucket.abortUpload(key, this.#uploadId);
      await bucket.remove([key, unfinishedKey(key)]);
    } catch (error) {
      throw toDriverError(error, path);
    }
    this.#share.giveBack();
    release();
  }

  /** Bytes that another writer would find after a failure. */
  get #keptBytes(): number {
    const isOld = this.#parts.length === this.#resumed.parts.length;
    return isOld ? resumedBytes(this.#resumed) : this.#partBytes;
  }

  #check(): void {
    if (this.#failure !== undefined) throw toDriverError(this.#failure, this.#options.path);
  }

  async #forgetState(): Promise<void> {
    await this.#options.bucket.remove([unfinishedKey(this.#options.key)]);
  }

  /** Before the first byte is added, takes over what was committed, or what is behind the parts. */
  async #begin(): Promise<void> {
    if (this.#state !== "untouched") return;
    const { object, tail } = this.#resumed;
    if (object !== undefined) await this.#takeOver(object);
    if (tail !== undefined) await this.#fillBuffer(tail, { first: 0, last: tail.sizeBytes - 1 });
    this.#state = "written";
  }

  /** Starts the next part with bytes that are stored. */
  async #fillBuffer({ key, etag }: CopySource, { first, last }: ByteSpan): Promise<void> {
    // A part may have been larger when the tail was written than the configuration has it now.
    this.#buffer = this.#newBuffer(this.#parts.length + 1, last - first + 1);
    await this.#takeShare();
    const range = { offset: first, length: last - first + 1, etag };
    const opened = await this.#options.bucket.get(key, range);
    for await (const chunk of opened.stream) this.#buffer.add(chunk);
    if (this.#buffer.sizeBytes !== opened.sizeBytes) {
      throw new TypeError("Cannot read what is stored: the connection broke off");
    }
  }

  /** Puts the bytes of an object into parts that the store copies, and the rest into the buffer. */
  async #takeOver(
    { sizeBytes, etag }: { sizeBytes: number; etag?: string | undefined },
  ): Promise<void> {
    const { bucket, key, partBytes } = this.#options;
    const spanBytes = Math.max(partBytes, PART_LIMITS.minBytes);
    const spans = cutSpans(sizeBytes, spanBytes);
    const rest = spans.pop();
    if (spans.length > 0) {
      await this.#create();
      const place = { key, uploadId: this.#uploadId };
      const copied = await copySpans(bucket, {
        place,
        source: { key, etag },
        spans,
        concurrency: 8,
      });
      for (const part of copied) this.#addPart(part);
    }
    if (rest !== undefined) await this.#fillBuffer({ key, etag }, rest);
  }

  #newBuffer(partNumber: number, minBytes = 0): PartBuffer {
    const { partBytes, budget } = this.#options;
    return new PartBuffer(Math.max(partSize(partNumber, partBytes), minBytes), budget);
  }

  async #takeShare(): Promise<void> {
    const buffer = this.#buffer;
    this.#share = await this.#options.budget.take(buffer.capacity, () => buffer.sizeBytes);
  }

  /** Sends the buffer on its way, and goes on with an empty one. */
  async #send(): Promise<void> {
    await this.#sending;
    this.#check();
    await this.#create();
    const buffer = this.#buffer;
    const share = this.#share;
    this.#share = NO_SHARE;
    share.fill();
    this.#sendingBytes = buffer.sizeBytes;
    this.#sending = this.#sendPart(buffer).finally(() => share.giveBack());
    this.#buffer = this.#newBuffer(this.#parts.length + 2);
  }

  async #sendPart(buffer: PartBuffer): Promise<void> {
    try {
      this.#addPart(await this.#putPart(buffer.content));
      buffer.release();
    } catch (error) {
      this.#failure = error;
    }
    this.#sendingBytes = 0;
    this.#sending = undefined;
  }

  #putPart(content: Uint8Array): Promise<StoredPart> {
    const { bucket, budget } = this.#options;
    const place = this.#nextPlace;
    return budget.send(() => bucket.putPart(place, content));
  }

  get #nextPlace(): { readonly key: string; readonly uploadId: string; readonly number: number } {
    const number = this.#parts.length + 1;
    return { key: this.#options.key, uploadId: this.#uploadId, number };
  }

  #addPart(part: StoredPart): void {
    this.#parts.push(part);
    this.#partBytes += part.sizeBytes;
  }

  /** Begins an upload in parts, and notes it before the first part: nothing is then ever lost. */
  async #create(): Promise<void> {
    if (this.#uploadId !== "") return;
    const { bucket, key } = this.#options;
    this.#uploadId = await bucket.createUpload(key);
    // The next part begins with what the state holds now.
    await this.#putState(this.#buffer.content.subarray(0, this.#resumed.tail?.sizeBytes ?? 0));
  }

  /** Notes how far the file is; what was noted before stays where nothing has been added. */
  async #save(): Promise<void> {
    if (this.#failure === undefined) return await this.#putState(this.#buffer.content);
    this.#version = crypto.randomUUID();
    const isOld = this.#parts.length === this.#resumed.parts.length;
    if (!isOld) await this.#putState(new Uint8Array());
  }

  async #putState(tail: Uint8Array): Promise<void> {
    const { bucket, key, budget } = this.#options;
    const version = crypto.randomUUID();
    const metadata = encodeUnfinished({
      version,
      uploadId: this.#uploadId,
      partCount: this.#parts.length,
      partsHash: hashParts(this.#parts),
    });
    await budget.send(() => bucket.put(unfinishedKey(key), tail, metadata));
    this.#hasState = true;
    this.#version = version;
  }

  async #publish(sizeBytes: number): Promise<string | undefined> {
    const { bucket, key, budget } = this.#options;
    const { object, tail } = this.#resumed;
    const isUntouched = this.#state === "untouched";
    if (isUntouched && object !== undefined) return object.etag;
    if (this.#parts.length > 0) return await this.#complete(sizeBytes);
    if (isUntouched && tail !== undefined) return await bucket.copy(tail, key);
    return await budget.send(() => bucket.put(key, this.#buffer.content));
  }

  async #complete(sizeBytes: number): Promise<string | undefined> {
    const { bucket, key } = this.#options;
    // It joins the others only in the file: were it to stay, nothing could follow it.
    const last = await this.#lastPart();
    const parts = last === undefined ? this.#parts : [...this.#parts, last];
    try {
      return await bucket.completeUpload(key, { uploadId: this.#uploadId, parts });
    } catch (error) {
      if (!isNoUpload(error)) throw error;
      // An attempt whose answer was lost may have done it.
      const object = await bucket.head(key);
      if (object?.sizeBytes !== sizeBytes) throw error;
      return object.etag;
    }
  }

  /** Makes what is behind the parts a part; what the state holds is copied by the store. */
  async #lastPart(): Promise<StoredPart | undefined> {
    const { tail } = this.#resumed;
    if (this.#state === "untouched" && tail !== undefined) {
      const span = { first: 0, last: tail.sizeBytes - 1 };
      const part = { source: tail, span, isWhole: true };
      return await this.#options.bucket.copyPart(this.#nextPlace, part);
    }
    return this.#buffer.sizeBytes > 0 ? await this.#putPart(this.#buffer.content) : undefined;
  }
}

/** Forgets what earlier writers have left, but for what they have committed. */
async function giveUp({ bucket, key }: S3WriterOptions, left: Resumed): Promise<void> {
  if (left.uploadId !== "") await bucket.abortUpload(key, left.uploadId);
  if (left.hasState) await bucket.remove([unfinishedKey(key)]);
}
