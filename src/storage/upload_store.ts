import { LRUCache } from "lru-cache";
import { toBytes, toText } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { KeyedMutex } from "../base/keyed_mutex.ts";
import { readPieces } from "../base/read_pieces.ts";
import {
  DriverError,
  type FileWriter,
  isPathNotFound,
  type StorageDriver,
} from "../drivers/driver.ts";
import { type Digest, digestAlgorithm } from "../oci/digest.ts";
import { UPLOAD_INSTRUMENTS } from "../metrics/instruments/upload_instruments.ts";
import type { Counter, Meter } from "../metrics/meter.ts";
import type { BlobFiles } from "./blob_files.ts";
import { ContentDigester, type ContentDigests } from "./content_digester.ts";
import { isStoreError, StoreError } from "./errors.ts";
import { deleteIfPresent, readIfPresent, statIfPresent } from "./if_present.ts";
import type { Links } from "./links.ts";
import { uploadDataPath, uploadPath, uploadStartedAtPath } from "./paths.ts";
import { PieceSizes } from "./piece_sizes.ts";
import { isUploadId, newUploadId, startOfUploadId, toUploadTime } from "./upload_ids.ts";
import type {
  BlobInfo,
  BlobPart,
  IncomingContent,
  StartOptions,
  Upload,
  UploadStore,
} from "./store.ts";

/** Size of a piece of what is read once more to be hashed, in bytes. */
const PIECE_BYTES = 256 * 1024;

/** Chunks of this size that a body comes in are not put together. */
const LEAST_BYTES = 96 * 1024;

/** How many uploads whose next part has not come yet keep their running digest. */
const MAX_RUNNING = 10_000;

/** What is in the folder of an upload; its content is elsewhere when it has been published. */
const FILES = ["data", "startedat"] as const;

/** What {@linkcode DriverUploadStore} needs. */
export interface DriverUploadStoreOptions {
  readonly driver: StorageDriver;
  readonly files: BlobFiles;
  /** The links that put blobs into repositories. */
  readonly layers: Links;
  readonly clock: Clock;
  /** Longest wait for a client's next byte, in milliseconds. */
  readonly idleTimeoutMs: number;
  /** Counts the bytes that come in. @default nothing is counted */
  readonly meter?: Meter | undefined;
}

/** What an upload holds that has just begun. */
const NOTHING = new Uint8Array(0);

/** A digest of all that an upload holds, as far as it is of the version that the writer names. */
interface Running {
  readonly digester: ContentDigester;
  /** See `FileWriter.version`. */
  version: string | undefined;
}

/**
 * Uploads as folders of a storage driver: all there is to know of one is in storage, so any thread
 * or replica can go on with it. Only the running digest is in memory; a thread that has not got it
 * reads the stored bytes once more at the end.
 *
 * An upload exists while its file `startedat` does, as Distribution has it. Where storage is local,
 * one that begins here has its file of content instead, empty at first, and its id tells the time:
 * its folder then becomes the blob's as it is, and there is nothing to remove.
 */
export class DriverUploadStore implements UploadStore {
  readonly #driver: StorageDriver;
  readonly #files: BlobFiles;
  readonly #layers: Links;
  readonly #clock: Clock;
  readonly #idleTimeoutMs: number;
  readonly #receivedBytes: Counter | undefined;
  readonly #turns = new KeyedMutex();
  readonly #pieceSizes = new PieceSizes();
  readonly #running = new LRUCache<string, Running>({ max: MAX_RUNNING });

  constructor(options: DriverUploadStoreOptions) {
    this.#driver = options.driver;
    this.#files = options.files;
    this.#layers = options.layers;
    this.#clock = options.clock;
    this.#idleTimeoutMs = options.idleTimeoutMs;
    this.#receivedBytes = options.meter?.counter(UPLOAD_INSTRUMENTS.bytes).with();
  }

  async start(repository: string, options: StartOptions = {}): Promise<Upload> {
    const nowMs = this.#clock.now();
    const { id = newUploadId(nowMs) } = options;
    // Uploads of one name that follow each other are told apart by their time.
    const startedAtMs = options.id === undefined ? toUploadTime(nowMs) : nowMs;
    if (this.#ownStart(id) === undefined) {
      const startedAt = new Date(startedAtMs).toISOString().replace(".000Z", "Z");
      const path = uploadStartedAtPath(repository, id);
      await this.#driver.putContent(path, toBytes(startedAt), { durable: false });
    } else {
      await this.#driver.putContent(uploadDataPath(repository, id), NOTHING, { durable: false });
    }
    const digester = new ContentDigester(options.algorithm);
    this.#running.set(id, { digester, version: "" });
    return { repository, id, sizeBytes: 0, startedAtMs };
  }

  async find(repository: string, id: string): Promise<Upload> {
    if (!isUploadId(id)) throw new StoreError("upload_unknown", { id });
    const data = await statIfPresent(this.#driver, uploadDataPath(repository, id), {
      unfinished: true,
    });
    const ownStart = data && this.#ownStart(id);
    const startedAtMs = ownStart ?? await this.#readStart(repository, id);
    return { repository, id, sizeBytes: data?.sizeBytes ?? 0, startedAtMs };
  }

  /** When an upload began that exists while its content does; `undefined`: it is not one of these. */
  #ownStart(id: string): number | undefined {
    return this.#driver.isRemote ? undefined : startOfUploadId(id);
  }

  async #readStart(repository: string, id: string): Promise<number> {
    const startedAt = await readIfPresent(this.#driver, uploadStartedAtPath(repository, id));
    const startedAtMs = startedAt === undefined ? NaN : Date.parse(toText(startedAt));
    if (Number.isNaN(startedAtMs)) throw new StoreError("upload_unknown", { id });
    return startedAtMs;
  }

  append(upload: Upload, content: IncomingContent): Promise<Upload> {
    return this.#write(upload, content, async (current, writer) => {
      await this.#receive(current, content, writer);
      return { ...current, sizeBytes: writer.sizeBytes };
    });
  }

  commit(upload: Upload, digest: Digest, content?: IncomingContent): Promise<BlobInfo> {
    return this.#write(upload, content, async (current, writer) => {
      if (content !== undefined) await this.#receive(current, content, writer);
      const { sizeBytes } = writer;
      const path = uploadDataPath(current.repository, current.id);
      const seen = this.#verifySeen(current, digest, sizeBytes);
      if (seen !== undefined) content?.onVerified?.();
      else await writer.commit();
      const digests = seen ?? await this.#digestStored(current, digest);
      const file = { path, sizeBytes, writer: seen && writer };
      const storing = await this.#files.toAdopt(digests, file);
      await this.#layers.add(current.repository, digests, storing);
      this.#running.delete(current.id);
      const folder = uploadPath(current.repository, current.id);
      await deleteIfPresent(this.#driver, folder, { onlyFiles: FILES });
      return { ...digests, sizeBytes };
    });
  }

  async cancel(upload: Upload): Promise<void> {
    this.#running.delete(upload.id);
    await deleteIfPresent(this.#driver, uploadPath(upload.repository, upload.id));
  }

  async read(
    { repository, id }: Upload,
    part: BlobPart,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    try {
      return await this.#driver.reader(uploadDataPath(repository, id), part);
    } catch (error) {
      if (!isPathNotFound(error)) throw error;
      throw new StoreError("upload_unknown", { id }, { cause: error });
    }
  }

  /**
   * Runs `task` with a writer that stands behind what the upload holds. While it runs nobody else
   * writes to the upload, in this thread or, as far as the driver can tell, any other: what is
   * hashed is then what is in the file, up to the moment when it is published.
   */
  #write<T>(
    upload: Upload,
    content: IncomingContent | undefined,
    task: (upload: Upload, writer: FileWriter) => Promise<T>,
  ): Promise<T> {
    const { id } = upload;
    return this.#turns.run(id, async () => {
      const writer = await this.#openWriter(upload);
      this.#forgetForeign(id, writer);
      try {
        const current = await this.#recheck(upload, writer);
        const { sizeBytes } = current;
        if (content?.offset !== undefined && content.offset !== sizeBytes) {
          throw new StoreError("range_mismatch", { sizeBytes });
        }
        return await task(current, writer);
      } catch (error) {
        if (!isPathNotFound(error)) throw error;
        // It was cancelled meanwhile, for which nobody waits.
        throw new StoreError("upload_unknown", { id }, { cause: error });
      } finally {
        await writer.close();
        const running = this.#running.get(id);
        if (running !== undefined) running.version = writer.version;
      }
    });
  }

  /** Opens the content of an upload, which is not made anew where it alone tells of the upload. */
  async #openWriter({ repository, id }: Upload): Promise<FileWriter> {
    const path = uploadDataPath(repository, id);
    if (this.#ownStart(id) !== undefined) {
      try {
        return await this.#driver.writer(path, { append: true, mustExist: true });
      } catch (error) {
        if (!isPathNotFound(error)) throw error;
        // Another version may have begun it, and nothing has come for it yet.
        await this.#readStart(repository, id);
      }
    }
    return await this.#driver.writer(path, { append: true });
  }

  /** A digest is worth nothing once somebody else has written, to whatever length. */
  #forgetForeign(id: string, { version }: FileWriter): void {
    if (version !== undefined && version !== this.#running.get(id)?.version) {
      this.#running.delete(id);
    }
  }

  /** Looks again once the file is held: whoever held it before may have ended the upload. */
  async #recheck({ repository, id }: Upload, writer: FileWriter): Promise<Upload> {
    try {
      const startedAtMs = this.#ownStart(id) ?? await this.#readStart(repository, id);
      return { repository, id, startedAtMs, sizeBytes: writer.sizeBytes };
    } catch (error) {
      // The file that was just made would be all that is left of the upload.
      if (isStoreError(error, "upload_unknown") && writer.sizeBytes === 0) {
        await deleteIfPresent(this.#driver, uploadPath(repository, id));
      }
      throw error;
    }
  }

  /**
   * The digests of an upload that this thread has seen all bytes of, and that are the expected ones.
   * @throws {StoreError} digest_mismatch
   */
  #verifySeen(upload: Upload, expected: Digest, sizeBytes: number): ContentDigests | undefined {
    const running = this.#running.get(upload.id)?.digester;
    const seen = running?.sizeBytes === sizeBytes ? running.digests(expected) : undefined;
    return seen && checkDigest(seen, expected);
  }

  /** Writes a body to the file and to the running digest, in step. */
  async #receive(upload: Upload, content: IncomingContent, writer: FileWriter): Promise<void> {
    const startBytes = writer.sizeBytes;
    const digester = this.#takeDigester(upload);
    const { version } = writer;
    const pieceBytes = this.#pieceSizes.begin(content.length);
    const idleTimeoutMs = this.#idleTimeoutMs;
    const options = { pieceBytes, leastBytes: LEAST_BYTES, idleTimeoutMs };
    const pieces = readPieces(content.stream, options);
    try {
      for await (const piece of pieces) {
        // The write runs on another thread while this one hashes.
        const written = writer.write(piece);
        digester?.update(piece);
        await written;
      }
    } catch (error) {
      if (error instanceof DriverError) throw error;
      throw new StoreError("upload_interrupted", {}, { cause: error });
    } finally {
      this.#pieceSizes.end(content.length);
      this.#receivedBytes?.add(writer.sizeBytes - startBytes);
      // A write that failed leaves the two out of step: the digest is then worth nothing.
      if (digester?.sizeBytes === writer.sizeBytes) {
        this.#running.set(upload.id, { digester, version });
      }
    }
    const receivedBytes = writer.sizeBytes - startBytes;
    if (content.length !== undefined && content.length !== receivedBytes) {
      throw new StoreError("size_mismatch", { expectedBytes: content.length, receivedBytes });
    }
  }

  /** The running digest of an upload, if this thread has seen all its bytes. */
  #takeDigester(upload: Upload): ContentDigester | undefined {
    const digester = this.#running.get(upload.id)?.digester;
    this.#running.delete(upload.id);
    if (digester?.sizeBytes === upload.sizeBytes) return digester;
    return upload.sizeBytes === 0 ? new ContentDigester() : undefined;
  }

  async #digestStored(upload: Upload, expected: Digest): Promise<ContentDigests> {
    const digester = new ContentDigester(digestAlgorithm(expected));
    const stream = await this.#driver.reader(uploadDataPath(upload.repository, upload.id));
    const idleTimeoutMs = this.#idleTimeoutMs;
    const options = { pieceBytes: PIECE_BYTES, idleTimeoutMs };
    for await (const piece of readPieces(stream, options)) digester.update(piece);
    return checkDigest(digester.digests(expected), expected);
  }
}

function checkDigest(digests: ContentDigests | undefined, expected: Digest): ContentDigests {
  if (digests?.digest === expected) return digests;
  throw new StoreError("digest_mismatch", { expected });
}
