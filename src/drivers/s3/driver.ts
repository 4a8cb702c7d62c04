import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { getLogger, type Logger } from "@logtape/logtape";
import { KeyedMutex } from "../../base/keyed_mutex.ts";
import { SYSTEM_TIMERS, type Timers } from "../../base/timers.ts";
import type { S3Config } from "../../config/sections/storage_s3.ts";
import { emptyStream } from "../byte_stream.ts";
import {
  type DeleteOptions,
  DriverError,
  type FileInfo,
  type FileWriter,
  type ReadOptions,
  type RedirectRequest,
  type StatOptions,
  type StorageDriver,
  type SweepOptions,
  type WalkOptions,
  type WriterOptions,
} from "../driver.ts";
import { folderInfo } from "../folder_info.ts";
import { PartBudget } from "../part_budget.ts";
import { Bucket } from "./_bucket.ts";
import { checkAccess } from "./_check_access.ts";
import { makeClient } from "./_client.ts";
import { copyInParts } from "./_copy.ts";
import { isBehindEnd, NAME, toDriverError } from "./failures.ts";
import { objectKey } from "./object_key.ts";
import { readWhole, resumable } from "./_reader.ts";
import { IS_OLD_RUNTIME } from "./_runtime.ts";
import { removeTree } from "./_remove_tree.ts";
import { LastLook } from "./_last_look.ts";
import { resume, resumedBytes } from "./_resume.ts";
import { finishedKey, unfinishedKey } from "./_unfinished.ts";
import { walkObjects } from "./_walk.ts";
import { type Committed, S3Writer } from "./_writer.ts";

/** Options of {@linkcode S3Driver}. */
export interface S3DriverOptions {
  /** Takes what `loglevel` asks for. @default LogTape's logger `stowage` */
  readonly log?: Logger;
  /**
   * Memory for the parts of all uploads together, in bytes; there is room for four at least.
   * @default 24 MiB
   */
  readonly partMemoryBytes?: number;
  /** @default the runtime's */
  readonly timers?: Timers;
}

const PART_MEMORY_BYTES = 24 * 1024 * 1024;

/** Fewer parts at once would make one upload wait for another. */
const MIN_PARTS = 4;

/** How long the URLs are valid that clients are sent to, in seconds. */
const REDIRECT_SECONDS = 20 * 60;

/** Source: Amazon S3, "CopyObject". */
const MAX_COPY_BYTES = 5 * 1024 * 1024 * 1024;

/**
 * Keeps a registry in a bucket of Amazon S3, or of a store that speaks its protocol, object for
 * object as Distribution does.
 *
 * Folders are what keys have in common. Nothing is locked across replicas: see `_writer.ts`.
 *
 * Source: reference of Distribution, "S3 driver".
 */
export class S3Driver implements StorageDriver {
  readonly name = NAME;
  readonly isRemote = true;
  readonly #config: S3Config;
  readonly #client: S3Client;
  readonly #bucket: Bucket;
  readonly #root: string;
  readonly #budget: PartBudget;
  readonly #timers: Timers;
  readonly #writers = new KeyedMutex();
  /** What writers have committed and not let go: a move need not look at it. */
  readonly #committed = new Map<string, Committed>();
  readonly #lastLook = new LastLook();

  constructor(config: S3Config, options: S3DriverOptions = {}) {
    const { log = getLogger(["stowage"]), timers = SYSTEM_TIMERS } = options;
    this.#config = config;
    this.#client = makeClient(config, log);
    this.#bucket = new Bucket(this.#client, config);
    this.#root = config.rootDirectory.replace(/\/+$/, "");
    this.#timers = timers;
    const limitBytes = Math.max(
      options.partMemoryBytes ?? PART_MEMORY_BYTES,
      MIN_PARTS * config.chunkSizeBytes,
    );
    // It sends by `fetch`, which has more copies: with two at once in each of two threads 64 uploads
    // took 370 to 430 MiB, with one 330 to 340, in the same time.
    this.#budget = new PartBudget({ limitBytes, timers, ...IS_OLD_RUNTIME ? { sends: 1 } : {} });
  }

  /**
   * Asks the store for something, so that a wrong setting is found before anything is stored.
   * @throws {DriverError} unavailable
   */
  async prepare(): Promise<void> {
    await checkAccess(this.#bucket, this.#prefix("/"));
  }

  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const key = this.#key(path);
    try {
      const opened = await this.#bucket.get(key);
      return await readWhole(this.#resumable({ path, key, offset: 0, opened }), opened.sizeBytes);
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    try {
      await this.#bucket.put(this.#key(path), content);
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async reader(
    path: string,
    { offset = 0, length = Infinity }: ReadOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const key = this.#key(path);
    try {
      if (length === 0) return await this.#emptyReader(path);
      const isWhole = offset === 0 && length === Infinity;
      const opened = await this.#bucket.get(key, isWhole ? undefined : { offset, length });
      return this.#resumable({ path, key, offset, opened });
    } catch (error) {
      if (isBehindEnd(error)) return emptyStream();
      throw toDriverError(error, path);
    }
  }

  async writer(path: string, { append = false }: WriterOptions = {}): Promise<FileWriter> {
    const letGo = await this.#writers.acquire(path);
    const release = () => {
      this.#committed.delete(path);
      this.#lastLook.end(path);
      letGo();
    };
    return await S3Writer.open({
      seen: this.#lastLook.begin(path),
      bucket: this.#bucket,
      path,
      key: this.#key(path),
      append,
      partBytes: this.#config.chunkSizeBytes,
      budget: this.#budget,
      onCommitted: (file) => this.#committed.set(path, file),
      release,
    });
  }

  async stat(path: string, { fileOnly, unfinished }: StatOptions = {}): Promise<FileInfo> {
    if (path === "/") return folderInfo(path);
    const key = this.#key(path);
    try {
      if (unfinished) return await this.#statUnfinished(path);
      const object = await this.#bucket.head(key);
      if (object !== undefined) {
        const { sizeBytes, modifiedAtMs } = object;
        return { path, sizeBytes, modifiedAtMs, isDirectory: false };
      }
      if (!fileOnly && await this.#isFolder(path)) return folderInfo(path);
    } catch (error) {
      throw toDriverError(error, path);
    }
    throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async list(path: string): Promise<string[]> {
    const prefix = this.#prefix(path);
    const paths: string[] = [];
    let isEmpty = path !== "/";
    try {
      for await (const { objects, folders } of this.#bucket.pages({ prefix, folders: true })) {
        const keys = [
          ...objects.map(({ key }) => key),
          ...folders.map((folder) => folder.slice(0, -1)),
        ];
        if (keys.length > 0) isEmpty = false;
        for (const key of keys) {
          if (key !== prefix && finishedKey(key) === undefined) paths.push(this.#path(key));
        }
      }
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (isEmpty) throw new DriverError("path_not_found", { driver: NAME, path });
    return paths;
  }

  async move(source: string, destination: string): Promise<void> {
    if (source === destination) return;
    try {
      const key = this.#key(source);
      const file = this.#committed.get(source) ?? await this.#bucket.head(key);
      if (file === undefined) {
        throw new DriverError("path_not_found", { driver: NAME, path: source });
      }
      await this.#copy({ key, ...file }, this.#key(destination));
      await this.#bucket.remove([key]);
    } catch (error) {
      throw toDriverError(error, source);
    }
  }

  async delete(path: string, { onlyFiles }: DeleteOptions = {}): Promise<void> {
    let found: boolean;
    try {
      if (onlyFiles !== undefined) {
        const keys = onlyFiles.map((name) => this.#key(`${path}/${name}`));
        return await this.#bucket.remove(keys.flatMap((key) => [key, unfinishedKey(key)]));
      }
      found = await removeTree(this.#bucket, this.#key(path));
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (!found) throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async sweep(path: string, { startedBeforeMs, signal, pace }: SweepOptions): Promise<number> {
    let count = 0;
    try {
      for await (const upload of this.#bucket.openUploads(this.#prefix(path))) {
        if (signal?.aborted === true) break;
        await pace?.();
        if (upload.startedAtMs >= startedBeforeMs) continue;
        await this.#bucket.abortUpload(upload.key, upload.uploadId);
        count++;
      }
    } catch (error) {
      throw toDriverError(error, path);
    }
    return count;
  }

  async redirectUrl(path: string, { method }: RedirectRequest): Promise<string | undefined> {
    const target = { Bucket: this.#config.bucket, Key: this.#key(path) };
    const command = method === "HEAD"
      ? new HeadObjectCommand(target)
      : new GetObjectCommand(target);
    try {
      const url = await getSignedUrl(this.#client, command, { expiresIn: REDIRECT_SECONDS });
      return replaceOrigin(url, this.#config.redirectEndpoint);
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async *walk(path: string, options?: WalkOptions): AsyncGenerator<FileInfo, void, void> {
    let isEmpty = path !== "/";
    try {
      for await (const info of walkObjects(this.#bucket, this.#folder(path), options)) {
        isEmpty = false;
        yield info;
      }
      if (isEmpty) isEmpty = !await this.#isFolder(path);
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (isEmpty) throw new DriverError("path_not_found", { driver: NAME, path });
  }

  close(): Promise<void> {
    this.#client.destroy();
    return Promise.resolve();
  }

  #key(path: string): string {
    return objectKey(this.#root, path);
  }

  /** What the keys below a folder start with. */
  #prefix(path: string): string {
    const key = this.#key(path);
    return key === "" || key.endsWith("/") ? key : `${key}/`;
  }

  #path(key: string): string {
    const root = this.#root.replace(/^\/+/, "");
    return root === "" ? `/${key}` : key.slice(root.length);
  }

  #folder(path: string): { readonly path: string; readonly prefix: string } {
    return { path, prefix: this.#prefix(path) };
  }

  #resumable(
    part: Omit<Parameters<typeof resumable>[1], "timers">,
  ): ReadableStream<Uint8Array<ArrayBuffer>> {
    return resumable(this.#bucket, { ...part, timers: this.#timers });
  }

  async #emptyReader(path: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    await this.stat(path, { fileOnly: true });
    return emptyStream();
  }

  async #statUnfinished(path: string): Promise<FileInfo> {
    const left = await this.#lastLook.run(path, () => resume(this.#bucket, this.#key(path)));
    if (left.object === undefined && left.uploadId === "" && left.tail === undefined) {
      throw new DriverError("path_not_found", { driver: NAME, path });
    }
    const modifiedAtMs = left.object?.modifiedAtMs ?? 0;
    return { path, sizeBytes: resumedBytes(left), modifiedAtMs, isDirectory: false };
  }

  async #isFolder(path: string): Promise<boolean> {
    const { objects } = await this.#bucket.list({ prefix: this.#prefix(path), maxKeys: 1 });
    return objects.length > 0;
  }

  async #copy(
    { key, sizeBytes, etag }: Committed & { readonly key: string },
    destination: string,
  ): Promise<void> {
    const config = this.#config;
    const source = { key, etag };
    const limitBytes = Math.min(config.multipartCopyThresholdSizeBytes, MAX_COPY_BYTES);
    if (sizeBytes <= limitBytes || sizeBytes === 0) {
      await this.#bucket.copy(source, destination);
      return;
    }
    await copyInParts(this.#bucket, { source, destination }, {
      sizeBytes,
      spanBytes: config.multipartCopyChunkSizeBytes,
      concurrency: config.multipartCopyMaxConcurrency,
    });
  }
}

/**
 * Puts another scheme and host into a URL, whose signature stays that for the store: what answers
 * there passes requests on under the name of the store.
 *
 * Source: reference of Distribution, "S3 driver".
 */
function replaceOrigin(signed: string, origin: string | undefined): string {
  if (origin === undefined) return signed;
  const url = new URL(signed);
  const { protocol, host } = new URL(origin);
  return `${protocol}//${host}${url.pathname}${url.search}`;
}
