// deno-lint-ignore-file require-await -- nothing waits here, but what is thrown must be a rejection
import { type Clock, SYSTEM_CLOCK } from "../../base/clock.ts";
import { KeyedMutex } from "../../base/keyed_mutex.ts";
import { byteStream, chunkSource } from "../byte_stream.ts";
import {
  DriverError,
  type FileInfo,
  type FileWriter,
  type ReadOptions,
  type StorageDriver,
  type WalkOptions,
  type WriterOptions,
} from "../driver.ts";
import { walkTree } from "../walk_tree.ts";
import { type MemoryFile, MemoryTree } from "./_tree.ts";

/** Options of {@linkcode InMemoryDriver}. */
export interface InMemoryDriverOptions {
  /** Dates the files. @default the machine's clock */
  readonly clock?: Clock;
}

/** Keeps a registry in the memory of this process; it is gone when the process is. */
export class InMemoryDriver implements StorageDriver {
  readonly name = "inmemory";
  readonly #clock: Clock;
  readonly #tree = new MemoryTree();
  readonly #writers = new KeyedMutex();

  constructor({ clock = SYSTEM_CLOCK }: InMemoryDriverOptions = {}) {
    this.#clock = clock;
  }

  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const { chunks, sizeBytes } = this.#file(path);
    const content = new Uint8Array(sizeBytes);
    await chunkSource(chunks).read(content);
    return content;
  }

  async putContent(path: string, content: Uint8Array): Promise<void> {
    this.#tree.place(path, this.#newFile(new Uint8Array(content)));
  }

  async reader(
    path: string,
    { offset = 0, length = Infinity }: ReadOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    const { chunks, sizeBytes } = this.#file(path);
    const partBytes = Math.max(0, Math.min(length, sizeBytes - offset));
    return byteStream(chunkSource(chunks, offset), partBytes);
  }

  async writer(
    path: string,
    { append = false, mustExist = false }: WriterOptions = {},
  ): Promise<FileWriter> {
    const release = await this.#writers.acquire(path);
    const present = append ? this.#tree.find(path) : undefined;
    if (mustExist && present === undefined) {
      release();
      throw pathNotFound(path);
    }
    const file = present?.kind === "file" ? present : this.#newFile();
    if (file !== present) this.#tree.place(path, file);
    const remove = () => {
      this.#tree.remove(path);
      release();
    };
    return new MemoryWriter({ file, clock: this.#clock, release, remove });
  }

  async stat(path: string): Promise<FileInfo> {
    const node = this.#tree.find(path);
    if (node === undefined) throw pathNotFound(path);
    const isDirectory = node.kind === "folder";
    // A folder does not note when its children change, so it does not claim to know.
    if (isDirectory) return { path, sizeBytes: 0, modifiedAtMs: 0, isDirectory };
    return { path, sizeBytes: node.sizeBytes, modifiedAtMs: node.modifiedAtMs, isDirectory };
  }

  async list(path: string): Promise<string[]> {
    const node = this.#tree.find(path);
    if (node?.kind !== "folder") throw pathNotFound(path);
    const prefix = path === "/" ? path : `${path}/`;
    return [...node.children.keys()].map((name) => prefix + name);
  }

  async move(source: string, destination: string): Promise<void> {
    const file = this.#file(source);
    if (source === destination) return;
    this.#tree.place(destination, file);
    this.#tree.remove(source);
  }

  async delete(path: string): Promise<void> {
    if (this.#tree.remove(path) === undefined) throw pathNotFound(path);
  }

  removeEmptyFolders(path: string, top: string): Promise<void> {
    for (let folder = path; folder.startsWith(`${top}/`);) {
      const node = this.#tree.find(folder);
      if (node !== undefined && (node.kind === "file" || node.children.size > 0)) break;
      if (node !== undefined) this.#tree.remove(folder);
      folder = folder.slice(0, folder.lastIndexOf("/"));
    }
    return Promise.resolve();
  }

  redirectUrl(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  walk(path: string, options?: WalkOptions): AsyncIterable<FileInfo> {
    return walkTree(this, path, options);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #newFile(...chunks: Uint8Array<ArrayBuffer>[]): MemoryFile {
    const sizeBytes = chunks.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return { kind: "file", chunks, sizeBytes, modifiedAtMs: this.#clock.now() };
  }

  #file(path: string): MemoryFile {
    const node = this.#tree.find(path);
    if (node?.kind !== "file") throw pathNotFound(path);
    return node;
  }
}

/** What {@linkcode MemoryWriter} needs. */
interface MemoryWriterOptions {
  readonly file: MemoryFile;
  readonly clock: Clock;
  /** Lets the next writer have the file. */
  readonly release: () => void;
  /** Takes the file out of the tree, and lets the next writer have its place. */
  readonly remove: () => void;
}

/** Adds chunks to a file; they can be seen while they arrive, as in a folder of the machine. */
class MemoryWriter implements FileWriter {
  readonly #file: MemoryFile;
  readonly #clock: Clock;
  readonly #release: () => void;
  readonly #remove: () => void;

  constructor({ file, clock, release, remove }: MemoryWriterOptions) {
    this.#file = file;
    this.#clock = clock;
    this.#release = release;
    this.#remove = remove;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  write(chunk: Uint8Array): Promise<void> {
    this.#file.chunks.push(new Uint8Array(chunk));
    this.#file.sizeBytes += chunk.byteLength;
    this.#file.modifiedAtMs = this.#clock.now();
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.#release();
    return Promise.resolve();
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  cancel(): Promise<void> {
    this.#remove();
    return Promise.resolve();
  }
}

function pathNotFound(path: string): DriverError {
  return new DriverError("path_not_found", { driver: "inmemory", path });
}
