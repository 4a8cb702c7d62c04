import type { Logger } from "@logtape/logtape";
import { IdleError } from "../base/read_pieces.ts";
import type { Timers } from "../base/timers.ts";
import { ClientError, isClientError } from "../client/errors.ts";
import type { RemoteBlob } from "../client/registry_client.ts";
import { type Digest, digestAlgorithm } from "../oci/digest.ts";
import { isStoreError, StoreError } from "../storage/errors.ts";
import type { BlobInfo, BlobPart, Content, RegistryStore, Upload } from "../storage/store.ts";
import type { BlockMemory } from "./block_memory.ts";
import { incomingStream } from "./incoming_stream.ts";
import { type HeldBytes, readAlone, SharedBlocks } from "./shared_blocks.ts";
import { stitchedStream } from "./stitched_stream.ts";
import { UploadWatch } from "./upload_watch.ts";
import { fromClientError, notVerified } from "./upstream_error.ts";

/** What {@linkcode BlobFlight} needs. */
export interface BlobFlightOptions {
  readonly store: Pick<RegistryStore, "blobs" | "uploads">;
  /** Name of the repository here. */
  readonly repository: string;
  readonly digest: Digest;
  /** Length of the blob in bytes; `undefined`: not known before the end. */
  readonly sizeBytes: number | undefined;
  /** Whether bytes may go out before all of them are verified. */
  readonly trusted: boolean;
  /** Asks the other registry for the blob from `offset` on. */
  readonly fetch: (offset: number, signal: AbortSignal) => Promise<RemoteBlob>;
  /** Host of the other registry. */
  readonly host: string;
  /** How long it goes on with nobody reading, in milliseconds. */
  readonly abandonAfterMs: number;
  /** Memory for what several readers want at once. */
  readonly memory: BlockMemory;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Blobs up to this size are awaited whole, and go out in one piece: sooner than in two. */
const SMALL_BLOB_BYTES = 256 * 1024;
/** So many breaks in a row without a byte between them, and it gives up. */
const MAX_BREAKS = 5;
/** Wait after the first break, in milliseconds; twice as long after each further one. */
const BACKOFF_MS = 100;

/**
 * One blob on its way from another registry into the storage, and to everybody who asks for it
 * meanwhile.
 *
 * The bytes go into an upload whose name follows from the digest. Whoever reads before the end gets
 * what has just arrived from memory, and the rest from the upload, in blocks that all readers of a
 * thread share. A writer has its upload to itself, across threads and replicas: the others that want
 * to write wait, then find the blob stored, or go on where the first one broke off. The last byte
 * goes out when all are verified, so that a wrong blob is never a complete answer.
 */
export class BlobFlight {
  readonly #options: BlobFlightOptions;
  readonly #stop = new AbortController();
  readonly #begun = Promise.withResolvers<void>();
  readonly #done: Promise<BlobInfo>;
  readonly #verified = Promise.withResolvers<void>();
  #isVerified = false;
  #stored: BlobInfo | undefined;
  #failure: { readonly error: unknown } | undefined;
  #change = Promise.withResolvers<void>();
  readonly #blocks: SharedBlocks;
  readonly #watch: UploadWatch;
  /** Whether the other registry has begun to send: one that is away is not waited for. */
  #hasBegun = false;
  #readers = 0;
  #cancelAbandon = () => {};

  constructor(options: BlobFlightOptions) {
    this.#options = options;
    this.#begun.promise.catch(() => {});
    this.#blocks = new SharedBlocks({
      memory: options.memory,
      isShared: () => this.#readers > 1,
      sizeBytes: options.sizeBytes,
    });
    this.#watch = new UploadWatch({
      uploads: options.store.uploads,
      upload: this.#upload,
      isWanted: () => this.#readers > 0,
      onChange: () => {
        this.#begun.resolve();
        this.#tell();
      },
      timers: options.timers,
    });
    this.#done = this.#run();
    this.#done.then(
      (blob) => this.#settle(() => this.#stored = blob),
      (error) => this.#settle(() => this.#failure = { error }),
    );
    this.#abandonLater();
  }

  /** The blob, when it is stored. @throws {StoreError} blob_unknown, upstream_failed */
  get done(): Promise<BlobInfo> {
    return this.#done;
  }

  /** Ends it; what has arrived is kept for the next time, and what is whole becomes the blob. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the flight is closed"));
    if (this.#isVerified) await this.#done.catch(() => {});
  }

  /**
   * Reads the blob, or a part of it, while it arrives.
   *
   * @throws {StoreError} blob_unknown, upstream_failed
   */
  async open(part?: BlobPart): Promise<Content> {
    const { sizeBytes, trusted, store } = this.#options;
    this.#addReader();
    let isStream = false;
    try {
      if (sizeBytes === undefined) return await store.blobs.open(await this.#done, part);
      const isAwaited = sizeBytes <= SMALL_BLOB_BYTES || !trusted;
      await Promise.race([isAwaited ? this.#verified.promise : this.#begun.promise, this.#done]);
      const small = sizeBytes <= SMALL_BLOB_BYTES && this.#isVerified
        ? this.#blocks.find(0, sizeBytes)
        : undefined;
      if (small?.bytes.byteLength === sizeBytes) return cut(small.bytes, part);
      isStream = true;
      return this.#stream(part ?? { offset: 0, length: sizeBytes }, sizeBytes);
    } finally {
      if (!isStream) this.#removeReader();
    }
  }

  #stream(
    { offset, length }: BlobPart,
    sizeBytes: number,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return stitchedStream({
      offset,
      end: offset + length,
      open: (part) => this.#source(part, sizeBytes),
      onEnd: () => this.#removeReader(),
    });
  }

  /** Waits until something of a part can be read. */
  async #source(part: BlobPart, sizeBytes: number): Promise<HeldBytes> {
    const { offset } = part;
    for (;;) {
      if (this.#watch.isReplaced) throw this.#replacedError();
      const openBytes = this.#isOpen ? sizeBytes : sizeBytes - 1;
      const mostBytes = Math.min(part.length, openBytes - offset);
      const held = mostBytes > 0 ? this.#blocks.find(offset, mostBytes) : undefined;
      if (held !== undefined) return held;
      if (this.#failure !== undefined) throw this.#failure.error;
      const change = this.#change.promise;
      const writtenBytes = this.#isOpen ? sizeBytes : this.#watch.sizeBytes;
      const length = Math.min(mostBytes, writtenBytes - offset);
      const supply = length > 0 && await this.#load({ offset, length }, writtenBytes);
      if (supply) return supply;
      await change;
    }
  }

  /**
   * Reads stored bytes back.
   *
   * @returns `undefined`: they are not to be seen, before the blob is in its place
   */
  async #load(part: BlobPart, end: number): Promise<HeldBytes | undefined> {
    const stored = this.#stored;
    const { digest, store: { blobs, uploads } } = this.#options;
    const read = (wanted: BlobPart) =>
      stored === undefined ? uploads.read(this.#upload, wanted) : blobs.open(stored, wanted);
    try {
      const held = await this.#blocks.load(part, { end, read }) ?? await readAlone(part, read);
      if (held === undefined && stored !== undefined) {
        throw new StoreError("blob_unknown", { digest });
      }
      return held;
    } catch (error) {
      // It has just become the blob, or the storage does not show it before.
      if (stored !== undefined || !isStoreError(error, "upload_unknown")) throw error;
      return undefined;
    }
  }

  /** Whether all of it may go out. */
  get #isOpen(): boolean {
    return this.#isVerified || this.#stored !== undefined;
  }

  get #upload(): Upload {
    const { repository, digest } = this.#options;
    const id = `pull-through.${digest.replace(":", ".")}`;
    return { repository, id, sizeBytes: 0, startedAtMs: 0 };
  }

  async #run(): Promise<BlobInfo> {
    let breaks = 0;
    let reachedBytes = 0;
    for (;;) {
      const upload = await this.#findOrStart();
      if (!("id" in upload)) return upload;
      if (upload.sizeBytes > reachedBytes) breaks = 0;
      reachedBytes = upload.sizeBytes;
      try {
        return await this.#receive(upload);
      } catch (error) {
        if (isEnded(error)) {
          const stored = await this.#findStored();
          if (stored !== undefined) return stored;
          // Somebody else wrote to it, and may have found it wrong.
          if (isStoreError(error, "upload_unknown")) this.#watch.lose();
          continue;
        }
        await this.#judge(error, upload);
        if (++breaks > (this.#hasBegun ? MAX_BREAKS : 0)) throw this.#translate(error);
        await this.#wait(BACKOFF_MS * 2 ** (breaks - 1));
      }
    }
  }

  /** Finds the upload, or starts it; or finds that somebody else has just ended it well. */
  async #findOrStart(): Promise<Upload | BlobInfo> {
    const { store: { uploads }, repository, digest } = this.#options;
    const upload = await this.#findUpload();
    if (upload !== undefined && upload.sizeBytes > 0) return upload;
    // What an empty one held may have just become the blob.
    return await this.#findStored() ?? upload ??
      await uploads.start(repository, {
        id: this.#upload.id,
        algorithm: digestAlgorithm(digest),
      });
  }

  async #receive(upload: Upload): Promise<BlobInfo> {
    const { store: { uploads }, digest, sizeBytes } = this.#options;
    const offset = upload.sizeBytes;
    const isWhole = offset > 0 && offset === sizeBytes;
    return await uploads.commit(upload, digest, {
      stream: isWhole ? ReadableStream.from<Uint8Array<ArrayBuffer>>([]) : this.#incoming(offset),
      // By the time it is ours, another thread may have ended it, and it would be empty.
      offset,
      onVerified: () => {
        this.#isVerified = true;
        this.#verified.resolve();
        this.#tell();
      },
      ...sizeBytes === undefined ? {} : { length: sizeBytes - offset },
    });
  }

  #incoming(offset: number): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { fetch, sizeBytes, host, digest, timers } = this.#options;
    const { signal } = this.#stop;
    return incomingStream({
      open: () => fetch(offset, signal),
      offset,
      sizeBytes,
      refusal: () => notVerified(host, digest),
      signal,
      onBegin: () => {
        this.#hasBegun = true;
        this.#begun.resolve();
      },
      blocks: this.#blocks,
      onBytes: () => this.#tell(),
      timers,
    });
  }

  async #findUpload(): Promise<Upload | undefined> {
    const { store: { uploads }, repository } = this.#options;
    try {
      return await uploads.find(repository, this.#upload.id);
    } catch (failure) {
      if (!isStoreError(failure, "upload_unknown")) throw failure;
      return undefined;
    }
  }

  /** Another thread or replica may have ended the upload, by storing the blob. */
  async #findStored(): Promise<BlobInfo | undefined> {
    const { store: { blobs }, repository, digest } = this.#options;
    try {
      return await blobs.stat(repository, digest);
    } catch (failure) {
      if (!isStoreError(failure, "blob_unknown")) throw failure;
      return undefined;
    }
  }

  /** Passes a break, and throws what is none. */
  async #judge(error: unknown, upload: Upload): Promise<void> {
    const { store: { uploads }, log, host, digest } = this.#options;
    if (isStoreError(error, "digest_mismatch")) {
      log.error("another registry sent wrong content, which was dropped", {
        "proxy.upstream": host,
        "vars.digest": digest,
      });
      await uploads.cancel(upload);
      throw notVerified(host, digest);
    }
    if (this.#isBreak(error)) {
      log.warn("another registry broke off a blob: going on where it stopped", {
        "proxy.upstream": host,
        "vars.digest": digest,
      });
      return;
    }
    await this.#cancelUnless(error);
    throw this.#translate(error);
  }

  #isBreak(error: unknown): boolean {
    if (this.#stop.signal.aborted) return false;
    if (isStoreError(error, "size_mismatch")) return true;
    if (!isStoreError(error, "upload_interrupted")) return false;
    const { cause } = error;
    if (cause instanceof StoreError) return false;
    return !(cause instanceof ClientError) || cause.code === "unavailable";
  }

  /** Keeps what may be gone on with. */
  async #cancelUnless(error: unknown): Promise<void> {
    const upload = await this.#findUpload();
    if (upload === undefined) return;
    const isWrong = error instanceof StoreError && error.cause instanceof StoreError;
    if (upload.sizeBytes === 0 || isWrong) await this.#options.store.uploads.cancel(upload);
  }

  #translate(error: unknown): unknown {
    const { digest, host } = this.#options;
    const cause = isStoreError(error, "upload_interrupted") ? error.cause : error;
    if (cause instanceof StoreError && !isStoreError(cause, "size_mismatch")) return cause;
    if (isClientError(cause)) {
      return fromClientError(cause, () => new StoreError("blob_unknown", { digest }));
    }
    const reason = cause instanceof IdleError ? "it sends nothing" : "the connection broke";
    const message = `Cannot get a blob from "${host}": ${reason}`;
    return new StoreError("upstream_failed", { reason: "unavailable", message }, { cause: error });
  }

  #replacedError(): StoreError {
    const message = `Cannot go on with a blob from "${this.#options.host}": it was wrong so far`;
    return new StoreError("upstream_failed", { reason: "invalid_answer", message });
  }

  async #wait(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#options.timers.after(delayMs, resolve);
    await promise;
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  #settle(note: () => void): void {
    note();
    this.#watch.close();
    this.#cancelAbandon();
    if (this.#readers === 0) this.#blocks.clear();
    this.#begun.resolve();
    this.#tell();
  }

  get #isSettled(): boolean {
    return this.#stored !== undefined || this.#failure !== undefined;
  }

  #addReader(): void {
    this.#readers++;
    this.#cancelAbandon();
  }

  #removeReader(): void {
    this.#readers--;
    if (this.#readers > 0) return;
    if (this.#isSettled) this.#blocks.clear();
    else this.#abandonLater();
  }

  #abandonLater(): void {
    this.#cancelAbandon = this.#options.timers.after(
      this.#options.abandonAfterMs,
      () => void this.close(),
    );
  }
}

function cut(bytes: Uint8Array<ArrayBuffer>, part: BlobPart | undefined) {
  return part === undefined ? bytes : bytes.subarray(part.offset, part.offset + part.length);
}

/** Tells whether somebody else has the upload, or has ended it. */
function isEnded(error: unknown): boolean {
  return isStoreError(error, "upload_unknown") || isStoreError(error, "range_mismatch");
}
