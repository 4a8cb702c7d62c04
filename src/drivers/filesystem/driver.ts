import { rmdirSync } from "node:fs";
import { dirname, resolve } from "@std/path";
import type {
  Change,
  DriverError,
  FileInfo,
  FileWriter,
  PutOptions,
  ReadOptions,
  StorageDriver,
  SweepOptions,
  WalkOptions,
  WriterOptions,
} from "../driver.ts";
import { walkTree } from "../walk_tree.ts";
import { NAME, readFailure, systemCode, writeFailure } from "./failures.ts";
import { makeChanges, makeEmpty } from "./_changes.ts";
import { FolderSyncs } from "./_folder_syncs.ts";
import { openReader } from "./_reader.ts";
import { isTemporary, sweepTemporaries } from "./_temporary.ts";
import { FilesystemWriter } from "./_writer.ts";

/** Options of {@linkcode FilesystemDriver}. */
export interface FilesystemDriverOptions {
  /** The folder that everything is in; it is made when the first file is written. */
  readonly rootDirectory: string;
}

const ROOT = "/";

/** How often a folder is removed again when something else keeps putting files into it. */
const REMOVE_ATTEMPTS = 3;

/**
 * Keeps a registry in a folder of the machine, file for file as Distribution does.
 *
 * What the system does in memory (opening, renaming, listing, reading what it has at hand) is
 * synchronous, for a call costs less than a thread to wait for it; what has to wait for the disk is
 * not: syncs, and reads and writes once they turn out slow. No content is remembered between calls, so that
 * several threads, processes or machines may share the folder.
 *
 * Source: reference of Distribution, "Filesystem driver".
 */
export class FilesystemDriver implements StorageDriver {
  readonly name = NAME;
  readonly #root: string;
  readonly #folderSyncs = new FolderSyncs();

  constructor({ rootDirectory }: FilesystemDriverOptions) {
    const root: string = resolve(rootDirectory);
    this.#root = root === "/" ? "" : root;
  }

  /**
   * Makes the root folder, so that one that cannot be used is found before anything is stored.
   * @throws {DriverError} unavailable
   */
  async prepare(): Promise<void> {
    try {
      await Deno.mkdir(`${this.#root}/`, { recursive: true });
    } catch (error) {
      throw writeFailure(error, ROOT);
    }
  }

  // deno-lint-ignore require-await -- what it throws must come as a rejection
  async getContent(path: string): Promise<Uint8Array<ArrayBuffer>> {
    try {
      return Deno.readFileSync(this.#locate(path));
    } catch (error) {
      throw readFailure(error, path);
    }
  }

  async putContent(
    path: string,
    content: Uint8Array,
    { durable = true }: PutOptions = {},
  ): Promise<void> {
    if (!durable && content.byteLength === 0 && await this.#makeEmpty(path)) return;
    await this.#change([{ path, content }], durable);
  }

  // deno-lint-ignore require-await -- what it throws must come as a rejection
  async reader(
    path: string,
    { offset = 0, length = Infinity }: ReadOptions = {},
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    try {
      return openReader({ path, location: this.#locate(path), offset, length });
    } catch (error) {
      throw readFailure(error, path);
    }
  }

  writer(
    path: string,
    { append = false, mustExist = false }: WriterOptions = {},
  ): Promise<FileWriter> {
    return FilesystemWriter.open({ path, location: this.#locate(path), append, mustExist });
  }

  // deno-lint-ignore require-await -- what it throws must come as a rejection
  async stat(path: string): Promise<FileInfo> {
    try {
      const { size, mtime, isDirectory } = Deno.statSync(this.#locate(path));
      const sizeBytes = isDirectory ? 0 : size;
      return { path, sizeBytes, modifiedAtMs: mtime?.getTime() ?? 0, isDirectory };
    } catch (error) {
      const failure = readFailure(error, path);
      if (!isMissingRoot(failure)) throw failure;
      return { path, sizeBytes: 0, modifiedAtMs: 0, isDirectory: true };
    }
  }

  // deno-lint-ignore require-await -- what it throws must come as a rejection
  async list(path: string): Promise<string[]> {
    const prefix = path === ROOT ? path : `${path}/`;
    const paths: string[] = [];
    try {
      for (const { name } of Deno.readDirSync(this.#locate(path))) {
        if (!isTemporary(name)) paths.push(prefix + name);
      }
    } catch (error) {
      const failure = readFailure(error, path);
      if (!isMissingRoot(failure)) throw failure;
    }
    return paths;
  }

  move(source: string, destination: string): Promise<void> {
    return this.#change([{ path: destination, source }]);
  }

  apply(changes: readonly Change[]): Promise<void> {
    return this.#change(changes);
  }

  async delete(path: string): Promise<void> {
    const location = this.#locate(path);
    try {
      // To have a thread find out that there is nothing costs more than the look.
      Deno.lstatSync(location);
      await removeTree(location);
    } catch (error) {
      throw readFailure(error, path);
    }
  }

  async sweep(path: string, options: SweepOptions): Promise<number> {
    try {
      return await sweepTemporaries(this.#locate(path), options);
    } catch (error) {
      throw readFailure(error, path);
    }
  }

  // deno-lint-ignore require-await -- as the others
  async removeEmptyFolders(path: string, top: string): Promise<void> {
    for (let folder = path; folder.startsWith(`${top}/`); folder = dirname(folder)) {
      try {
        rmdirSync(this.#locate(folder));
      } catch (error) {
        if (systemCode(error) !== "ENOENT") return;
      }
    }
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

  async #makeEmpty(path: string): Promise<boolean> {
    try {
      return await makeEmpty(this.#locate(path));
    } catch (error) {
      throw writeFailure(error, path);
    }
  }

  #change(changes: readonly Change[], durable = true): Promise<void> {
    const locate = (path: string) => this.#locate(path);
    return makeChanges(changes, { locate, folderSyncs: this.#folderSyncs, durable });
  }

  #locate(path: string): string {
    return this.#root + path;
  }
}

/** The root always exists, even before its folder does. */
function isMissingRoot({ code, path }: DriverError): boolean {
  return code === "path_not_found" && path === ROOT;
}

/** Removes a file or a folder, also one that others still put files into. */
async function removeTree(location: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(location, { recursive: true });
    } catch (error) {
      if (systemCode(error) !== "ENOTEMPTY" || attempt === REMOVE_ATTEMPTS) throw error;
    }
  }
}
