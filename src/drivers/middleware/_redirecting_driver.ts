import {
  applyChanges,
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
} from "../driver.ts";

/** What a middleware does in place of the driver. */
export interface Redirects {
  /** In place of the driver's own, which it may ask. */
  readonly redirectUrl: StorageDriver["redirectUrl"];
  /** Ends what the middleware does beside requests. @default nothing */
  readonly close?: () => void;
}

/** A driver that sends clients elsewhere, and leaves all else to the one behind it. */
export class RedirectingDriver implements StorageDriver {
  readonly name: string;
  readonly isRemote: boolean;
  readonly #driver: StorageDriver;
  readonly #redirects: Redirects;

  constructor(driver: StorageDriver, redirects: Redirects) {
    this.name = driver.name;
    this.isRemote = driver.isRemote ?? false;
    this.#driver = driver;
    this.#redirects = redirects;
  }

  getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return this.#driver.getContent(path);
  }

  putContent(path: string, content: Uint8Array, options?: PutOptions): Promise<void> {
    return this.#driver.putContent(path, content, options);
  }

  reader(path: string, options?: ReadOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return this.#driver.reader(path, options);
  }

  writer(path: string, options?: WriterOptions): Promise<FileWriter> {
    return this.#driver.writer(path, options);
  }

  stat(path: string, options?: StatOptions): Promise<FileInfo> {
    return this.#driver.stat(path, options);
  }

  list(path: string): Promise<string[]> {
    return this.#driver.list(path);
  }

  move(source: string, destination: string): Promise<void> {
    return this.#driver.move(source, destination);
  }

  apply(changes: readonly Change[]): Promise<void> {
    return applyChanges(this.#driver, changes);
  }

  delete(path: string, options?: DeleteOptions): Promise<void> {
    return this.#driver.delete(path, options);
  }

  async removeEmptyFolders(path: string, top: string): Promise<void> {
    await this.#driver.removeEmptyFolders?.(path, top);
  }

  async sweep(path: string, options: SweepOptions): Promise<number> {
    return await this.#driver.sweep?.(path, options) ?? 0;
  }

  redirectUrl(path: string, request: RedirectRequest): Promise<string | undefined> {
    return this.#redirects.redirectUrl(path, request);
  }

  walk(path: string, options?: WalkOptions): AsyncIterable<FileInfo> {
    return this.#driver.walk(path, options);
  }

  async close(): Promise<void> {
    this.#redirects.close?.();
    await this.#driver.close();
  }
}
