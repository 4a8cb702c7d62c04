import { type Clock, SYSTEM_CLOCK } from "../../base/clock.ts";
import { KeyedMutex } from "../../base/keyed_mutex.ts";
import { SYSTEM_TIMERS, type Timers } from "../../base/timers.ts";
import type { GcsConfig } from "../../config/sections/storage_gcs.ts";
import { emptyStream } from "../byte_stream.ts";
import {
  DriverError,
  type FileInfo,
  type FileWriter,
  type ReadOptions,
  type RedirectRequest,
  type StatOptions,
  type StorageDriver,
  type WalkOptions,
  type WriterOptions,
} from "../driver.ts";
import { folderInfo } from "../folder_info.ts";
import { ObjectNames } from "../object_names.ts";
import { PartBudget } from "../part_budget.ts";
import { resumingBody } from "../resuming_body.ts";
import { walkListed } from "../walk_listed.ts";
import { Bucket, SESSION_TYPE, type StoredObject } from "./_bucket.ts";
import { checkAccess } from "./_check_access.ts";
import { abandonSession, GRANULE_BYTES } from "./_session.ts";
import { GcsWriter, sessionOf, unfinishedBytes } from "./_writer.ts";
import { isBehindEnd, NAME, toDriverError } from "./failures.ts";

/**
 * Memory for the parts of all uploads together that are being filled or sent, in bytes; while they
 * are sent, the runtime has copies of them.
 */
const PART_MEMORY_BYTES = 16 * 1024 * 1024;

/** Each upload has one part that is filled, and one on its way. */
const PARTS_EACH = 2;

/** How long the URLs are valid that clients are sent to. Source: Distribution. */
const REDIRECT_MS = 20 * 60_000;

/** How many objects are removed at a time. */
const REMOVE_CONCURRENCY = 32;

/** Options of {@linkcode GcsDriver}. */
export interface GcsDriverOptions {
  /** @default the machine's */
  readonly clock?: Clock;
  /** @default the machine's */
  readonly timers?: Timers;
}

type ByteStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * Keeps a registry in a bucket of Google Cloud Storage, object for object as Distribution does.
 *
 * Folders are what names have in common. A file that is being written is marked by an object that
 * nobody sees; see `_writer.ts`.
 *
 * Source: reference of Distribution, "Azure and GCS".
 */
export class GcsDriver implements StorageDriver {
  readonly name = NAME;
  readonly isRemote = true;
  readonly #bucket: Bucket;
  readonly #clock: Clock;
  readonly #names: ObjectNames;
  readonly #partBytes: number;
  readonly #writers = new KeyedMutex();
  readonly #budget: PartBudget;
  readonly #timers: Timers;
  #openWriters = 0;
  /** The content of files that writers have committed and not let go: only that is moved. */
  readonly #committed = new Map<string, string>();

  constructor(
    config: GcsConfig,
    { clock = SYSTEM_CLOCK, timers = SYSTEM_TIMERS }: GcsDriverOptions = {},
  ) {
    this.#bucket = new Bucket(config);
    this.#clock = clock;
    this.#names = ObjectNames.below(config.rootDirectory);
    this.#partBytes = config.chunkSizeBytes;
    this.#budget = new PartBudget({ limitBytes: PART_MEMORY_BYTES, timers });
    this.#timers = timers;
  }

  /**
   * Asks the store for something, so that a wrong setting is found before anything is stored.
   * @throws {DriverError} unavailable
   */
  async prepare(): Promise<void> {
    await checkAccess(this.#bucket, this.#names.root);
  }

  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
      const response = await this.#get(path);
      return await new Response(this.#resumable(path, { response, offset: 0 })).bytes();
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    try {
      await this.#bucket.put(this.#names.nameOf(path), content);
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async reader(
    path: string,
    { offset = 0, length = Infinity }: ReadOptions = {},
  ): Promise<ByteStream> {
    try {
      if (length === 0) {
        await this.stat(path, { fileOnly: true });
        return emptyStream();
      }
      const last = length === Infinity ? "" : offset + length - 1;
      const isWhole = offset === 0 && length === Infinity;
      const response = await this.#get(path, isWhole ? undefined : `bytes=${offset}-${last}`);
      return this.#resumable(path, { response, offset });
    } catch (error) {
      if (isBehindEnd(error)) return emptyStream();
      throw toDriverError(error, path);
    }
  }

  async writer(path: string, { append = false }: WriterOptions = {}): Promise<FileWriter> {
    const letGo = await this.#writers.acquire(path);
    this.#openWriters++;
    return await GcsWriter.open({
      bucket: this.#bucket,
      path,
      name: this.#names.nameOf(path),
      append,
      partBytes: () => this.#nextPartBytes,
      budget: this.#budget,
      onCommitted: (generation) => this.#committed.set(path, generation),
      release: () => {
        this.#openWriters--;
        this.#committed.delete(path);
        letGo();
      },
    });
  }

  async stat(path: string, options: StatOptions = {}): Promise<FileInfo> {
    if (path === "/") return folderInfo(path);
    try {
      const object = await this.#bucket.head(this.#names.nameOf(path));
      const found = object && fileInfo(path, object, options);
      if (found !== undefined) return found;
      if (!options.fileOnly && await this.#isFolder(path)) return folderInfo(path);
    } catch (error) {
      throw toDriverError(error, path);
    }
    throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async list(path: string): Promise<string[]> {
    return (await this.#listInfos(path)).map((info) => info.path);
  }

  async move(source: string, destination: string): Promise<void> {
    if (source === destination) return;
    try {
      const generation = this.#committed.get(source) ?? await this.#finishedGeneration(source);
      const name = this.#names.nameOf(source);
      await this.#bucket.copy(name, this.#names.nameOf(destination), generation);
      await this.#bucket.remove(name);
    } catch (error) {
      throw toDriverError(error, source);
    }
  }

  async delete(path: string): Promise<void> {
    let found = false;
    try {
      for await (const objects of this.#below(path)) {
        found ||= objects.length > 0;
        for (let start = 0; start < objects.length; start += REMOVE_CONCURRENCY) {
          const batch = objects.slice(start, start + REMOVE_CONCURRENCY);
          await Promise.all(batch.map((object) => this.#remove(object)));
        }
      }
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (!found) throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async redirectUrl(path: string, { method }: RedirectRequest): Promise<string | undefined> {
    // What is signed for one method is not for the other, and the answer to HEAD is known here.
    if (method === "HEAD") return undefined;
    try {
      return await this.#bucket.sign(this.#names.nameOf(path), this.#clock.now() + REDIRECT_MS);
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  walk(path: string, options?: WalkOptions): AsyncIterable<FileInfo> {
    return walkListed((folder) => this.#listInfos(folder), path, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** The more uploads there are, the smaller their parts. */
  get #nextPartBytes(): number {
    const share = Math.min(this.#partBytes, PART_MEMORY_BYTES / PARTS_EACH / this.#openWriters);
    return Math.max(1, Math.floor(share / GRANULE_BYTES)) * GRANULE_BYTES;
  }

  /** Opens an object; a mark of an unfinished file is none. */
  async #get(path: string, range?: string): Promise<Response> {
    const response = await this.#bucket.get(this.#names.nameOf(path), range);
    if (response.headers.get("content-type") !== SESSION_TYPE) return response;
    await response.body?.cancel();
    throw new DriverError("path_not_found", { driver: NAME, path });
  }

  #resumable(
    path: string,
    { response, offset }: { readonly response: Response; readonly offset: number },
  ): ByteStream {
    return resumingBody(response, {
      offset,
      versionHeader: "x-goog-generation",
      reopen: async (range) => {
        try {
          return await this.#get(path, range);
        } catch (error) {
          throw toDriverError(error, path);
        }
      },
      toError: (reason) => toDriverError(reason, path),
      timers: this.#timers,
    });
  }

  async #finishedGeneration(path: string): Promise<string> {
    const object = await this.#bucket.head(this.#names.nameOf(path));
    if (object === undefined || object.contentType === SESSION_TYPE) {
      throw new DriverError("path_not_found", { driver: NAME, path });
    }
    return object.generation;
  }

  async #isFolder(path: string): Promise<boolean> {
    const { objects } = await this.#bucket.list({ prefix: this.#names.prefixOf(path), limit: 1 });
    return objects.length > 0;
  }

  /** All that is in a folder, as one listing tells of it. */
  async #listInfos(path: string): Promise<FileInfo[]> {
    const prefix = this.#names.prefixOf(path);
    const infos: FileInfo[] = [];
    let exists = path === "/";
    try {
      let token: string | undefined;
      do {
        const page = await this.#bucket.list({ prefix, folders: true, token });
        exists ||= page.prefixes.length + page.objects.length > 0;
        infos.push(
          ...page.prefixes.map((name) => folderInfo(this.#names.pathOf(name.slice(0, -1)))),
        );
        for (const object of page.objects) {
          const info = fileInfo(this.#names.pathOf(object.name), object, {});
          if (info !== undefined) infos.push(info);
        }
        token = page.token;
      } while (token !== undefined);
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (exists) return infos;
    throw new DriverError("path_not_found", { driver: NAME, path });
  }

  /** The object at a path, or all below it as a folder, by pages. */
  async *#below(path: string): AsyncGenerator<readonly StoredObject[]> {
    const object = await this.#bucket.head(this.#names.nameOf(path));
    if (object !== undefined) return yield [object];
    let token: string | undefined;
    do {
      const page = await this.#bucket.list({ prefix: this.#names.prefixOf(path), token });
      yield page.objects;
      token = page.token;
    } while (token !== undefined);
  }

  async #remove(object: StoredObject): Promise<void> {
    const session = object.contentType === SESSION_TYPE ? sessionOf(object) : "";
    if (session !== "") await abandonSession(session);
    await this.#bucket.remove(object.name);
  }
}

/** What an object is as a file; `undefined`: it only marks one that nobody asks for. */
function fileInfo(
  path: string,
  object: StoredObject,
  { unfinished }: StatOptions,
): FileInfo | undefined {
  const { modifiedAtMs, contentType } = object;
  const isMark = contentType === SESSION_TYPE;
  if (isMark && !unfinished) return undefined;
  const sizeBytes = isMark ? unfinishedBytes(object) : object.sizeBytes;
  return { path, sizeBytes, modifiedAtMs, isDirectory: false };
}
