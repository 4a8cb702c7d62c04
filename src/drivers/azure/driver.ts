import type { BlobClient } from "@azure/storage-blob";
import { KeyedMutex } from "../../base/keyed_mutex.ts";
import { SYSTEM_TIMERS, type Timers } from "../../base/timers.ts";
import type { AzureConfig } from "../../config/sections/storage_azure.ts";
import { emptyStream } from "../byte_stream.ts";
import {
  DriverError,
  type FileInfo,
  type FileWriter,
  type ReadOptions,
  type StatOptions,
  type StorageDriver,
  type WalkOptions,
  type WriterOptions,
} from "../driver.ts";
import { folderInfo } from "../folder_info.ts";
import { ObjectNames } from "../object_names.ts";
import { PartBudget } from "../part_budget.ts";
import { walkListed } from "../walk_listed.ts";
import { type Account, openAccount } from "./_account.ts";
import { checkAccess } from "./_check_access.ts";
import { copyBlob } from "./_copy.ts";
import { SignedLinks } from "./_links.ts";
import { type BlobStream, openBlob } from "./_reader.ts";
import { AzureWriter, BLOCK_BYTES, CONTENT_TYPE } from "./_writer.ts";
import { isBehindEnd, isMissing, isOtherKind, NAME, toDriverError } from "./failures.ts";

/** How many blobs are removed at a time. */
const REMOVE_CONCURRENCY = 32;

/** How many blocks of uploads are in memory at once; whose is none of them waits. */
const BLOCKS = 8;

/** A copy in one of these states is no content yet, or never will be. */
const UNFINISHED_COPIES: readonly (string | undefined)[] = ["pending", "failed", "aborted"];

/**
 * Keeps a registry in a container of Azure Blob Storage, blob for blob as Distribution does: what is
 * written at once in block blobs, uploads in append blobs.
 *
 * Folders are what names have in common. Two replicas that write to one file cannot mix: a block
 * says where it belongs.
 *
 * Source: reference of Distribution, "Azure and GCS".
 */
export class AzureDriver implements StorageDriver {
  readonly name = NAME;
  readonly isRemote = true;
  readonly #config: AzureConfig;
  readonly #account: Account;
  readonly #links: SignedLinks;
  readonly #budget: PartBudget;
  readonly #timers: Timers;
  readonly #writers = new KeyedMutex();
  /** The content of files that writers have committed and not let go: only that is moved. */
  readonly #committed = new Map<string, string>();
  #names: ObjectNames;

  constructor(config: AzureConfig, timers: Timers = SYSTEM_TIMERS) {
    this.#config = config;
    this.#account = openAccount(config);
    this.#links = new SignedLinks(this.#account);
    this.#timers = timers;
    this.#budget = new PartBudget({ limitBytes: BLOCKS * BLOCK_BYTES, timers });
    this.#names = ObjectNames.below(config.rootDirectory);
  }

  /**
   * Asks the store for something, so that a wrong setting is found before anything is stored.
   * @throws {DriverError} unavailable
   */
  async prepare(): Promise<void> {
    this.#names = this.#names.with(await checkAccess(this.#account, this.#names.root));
  }

  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return await new Response(await this.#open(path, {})).bytes();
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    const blob = this.#account.container.getBlockBlobClient(this.#names.nameOf(path));
    const options = { blobHTTPHeaders: { blobContentType: CONTENT_TYPE } };
    try {
      await blob.upload(content, content.byteLength, options).catch(async (error) => {
        if (!isOtherKind(error)) throw error;
        await blob.deleteIfExists();
        await blob.upload(content, content.byteLength, options);
      });
    } catch (error) {
      throw toDriverError(error, path);
    }
  }

  async reader(path: string, part: ReadOptions = {}): Promise<BlobStream> {
    try {
      if (part.length === 0) {
        await this.#blob(path).getProperties();
        return emptyStream();
      }
      return await this.#open(path, part);
    } catch (error) {
      if (isBehindEnd(error)) return emptyStream();
      throw toDriverError(error, path);
    }
  }

  async writer(path: string, { append = false }: WriterOptions = {}): Promise<FileWriter> {
    const letGo = await this.#writers.acquire(path);
    return await AzureWriter.open({
      blob: this.#account.container.getAppendBlobClient(this.#names.nameOf(path)),
      path,
      append,
      budget: this.#budget,
      onCommitted: (etag) => this.#committed.set(path, etag),
      release: () => {
        this.#committed.delete(path);
        letGo();
      },
    });
  }

  async stat(path: string, { fileOnly }: StatOptions = {}): Promise<FileInfo> {
    if (path === "/") return folderInfo(path);
    try {
      const found = await this.#statBlob(path);
      if (found !== undefined) return found;
      if (fileOnly) throw new DriverError("path_not_found", { driver: NAME, path });
      const prefix = this.#names.prefixOf(path);
      const pages = this.#account.container.listBlobsFlat({ prefix }).byPage({ maxPageSize: 1 });
      for await (const { segment } of pages) {
        if (segment.blobItems.length > 0) return folderInfo(path);
      }
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
    const { maxRetries, retryDelayMs } = this.#config;
    const from = this.#blob(source);
    const etag = this.#committed.get(source);
    try {
      const to = this.#blob(destination);
      await copyBlob({ source: from, destination: to, etag, maxRetries, retryDelayMs });
      await from.deleteIfExists();
    } catch (error) {
      throw toDriverError(error, source);
    }
  }

  async delete(path: string): Promise<void> {
    let found = false;
    try {
      found = await this.#remove(this.#names.nameOf(path));
      const pages = this.#account.container.listBlobsFlat({ prefix: this.#names.prefixOf(path) });
      for await (const { segment } of found ? [] : pages.byPage()) {
        const names = segment.blobItems.map(({ name }) => name);
        found ||= names.length > 0;
        for (let start = 0; start < names.length; start += REMOVE_CONCURRENCY) {
          const batch = names.slice(start, start + REMOVE_CONCURRENCY);
          await Promise.all(batch.map((name) => this.#remove(name)));
        }
      }
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (!found) throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async redirectUrl(path: string): Promise<string> {
    try {
      return await this.#links.sign(this.#blob(path));
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

  #open(path: string, { offset = 0, length = Infinity }: ReadOptions): Promise<BlobStream> {
    return openBlob(this.#blob(path), {
      account: this.#account,
      links: this.#links,
      skipVerify: this.#config.skipVerify,
      path,
      offset,
      length,
      timers: this.#timers,
    });
  }

  async #statBlob(path: string): Promise<FileInfo | undefined> {
    try {
      const { contentLength = 0, lastModified, copyStatus } = await this.#blob(path)
        .getProperties();
      if (UNFINISHED_COPIES.includes(copyStatus)) return undefined;
      const modifiedAtMs = lastModified?.getTime() ?? 0;
      return { path, sizeBytes: contentLength, modifiedAtMs, isDirectory: false };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** All that is in a folder, as one listing tells of it. */
  async #listInfos(path: string): Promise<FileInfo[]> {
    const prefix = this.#names.prefixOf(path);
    const infos: FileInfo[] = [];
    try {
      const pages = this.#account.container.listBlobsByHierarchy("/", { prefix }).byPage();
      for await (const { segment } of pages) {
        for (const { name } of segment.blobPrefixes ?? []) {
          infos.push(folderInfo(this.#names.pathOf(name.slice(0, -1))));
        }
        for (const { name, properties } of segment.blobItems) {
          const sizeBytes = properties.contentLength ?? 0;
          const modifiedAtMs = properties.lastModified.getTime();
          infos.push({
            path: this.#names.pathOf(name),
            sizeBytes,
            modifiedAtMs,
            isDirectory: false,
          });
        }
      }
    } catch (error) {
      throw toDriverError(error, path);
    }
    if (infos.length > 0 || path === "/") return infos;
    throw new DriverError("path_not_found", { driver: NAME, path });
  }

  async #remove(name: string): Promise<boolean> {
    const { succeeded } = await this.#account.container.getBlobClient(name).deleteIfExists();
    return succeeded;
  }

  #blob(path: string): BlobClient {
    return this.#account.container.getBlobClient(this.#names.nameOf(path));
  }
}
