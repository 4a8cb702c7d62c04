/**
 * The storage contract: what a backend must be able to do to keep a registry.
 *
 * It is a tree of files addressed by absolute, slash-separated paths. It is not a general file
 * system: there are no permissions, links, partial overwrites or locks, and folders exist only as
 * long as something is in them (a backend may keep empty ones).
 *
 * What every implementation promises:
 * - **Atomicity.** {@linkcode StorageDriver.putContent} and {@linkcode StorageDriver.move} replace a
 *   file at once: a reader sees the old content or the new one, never a mixture and never a prefix.
 *   A file that a {@linkcode FileWriter} has not committed may be seen in part, or not at all: who
 *   wants to publish it at once writes it elsewhere, commits it and moves it.
 * - **Snapshots.** A stream gives the content that was there when it was opened, whatever becomes
 *   of the path meanwhile, as far as the backend can.
 * - **Durability.** When `putContent` or `move` has resolved, the file survives the loss of the
 *   process and, as far as the backend can say, of the machine. {@linkcode FileWriter.commit} and
 *   {@linkcode FileWriter.close} promise as much for the bytes, but not for the name that they were
 *   written under: a file that is to last is moved to where it belongs. A delete need not survive
 *   the loss of the machine.
 * - **Ordering.** What one caller awaited is visible to every later call of every caller.
 *
 * What an implementation may rely on, because the guard stands before it (see `guard.ts`): paths
 * and offsets were checked, so that it never sees `..`, an empty segment or a foreign character; a
 * writer that has ended is not called again; an error that has no code of its own may leave as it
 * is and becomes `unavailable`.
 *
 * Source: reference of Distribution's driver interface; differences are in `docs/differences.md`.
 *
 * @module
 */

import type { Pacer } from "../base/pacer.ts";

/** What a storage driver can fail with; anything a caller may want to tell apart has a code. */
export type DriverErrorCode =
  | "path_not_found"
  | "invalid_path"
  | "invalid_offset"
  | "writer_closed"
  | "no_space"
  | "unavailable";

/** Data that goes with a {@linkcode DriverError}. */
export interface DriverErrorOptions {
  /** Name of the driver that failed, as in the configuration. */
  readonly driver: string;
  /** The path that the call was about. */
  readonly path?: string;
  /** The offset that was refused, in bytes. */
  readonly offset?: number;
  /** What the backend said. */
  readonly cause?: unknown;
}

/** The one error that leaves a storage driver. */
export class DriverError extends Error {
  override readonly name = "DriverError";
  /** What happened, from a closed set. */
  readonly code: DriverErrorCode;
  /** Name of the driver that failed. */
  readonly driver: string;
  /** The path that the call was about, where there was one. */
  readonly path: string | undefined;

  constructor(code: DriverErrorCode, options: DriverErrorOptions) {
    super(describe(code, options), options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.driver = options.driver;
    this.path = options.path;
  }
}

/** Tells whether `error` says that a path does not exist. */
export function isPathNotFound(error: unknown): error is DriverError {
  return error instanceof DriverError && error.code === "path_not_found";
}

/** What {@linkcode StorageDriver.stat} and {@linkcode StorageDriver.walk} tell of a path. */
export interface FileInfo {
  readonly path: string;
  /** Length of the content in bytes; 0 for a folder. */
  readonly sizeBytes: number;
  /** When the content last changed, in milliseconds since the epoch; 0 where unknown. */
  readonly modifiedAtMs: number;
  readonly isDirectory: boolean;
}

/** Options of {@linkcode StorageDriver.putContent}. */
export interface PutOptions {
  /**
   * Whether the file must survive the loss of the machine, for which the disk is waited for. What
   * only says that something has begun need not.
   * @default true
   */
  readonly durable?: boolean;
}

/** One of the changes that {@linkcode StorageDriver.apply} makes together. */
export type Change = PutChange | MoveChange;

/** Writes a whole, small file, as {@linkcode StorageDriver.putContent} does. */
export interface PutChange {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Moves a file to `path`, as {@linkcode StorageDriver.move} does. */
export interface MoveChange {
  readonly path: string;
  readonly source: string;
  /** Holds the source and is committed first. @default the source was committed before */
  readonly writer?: FileWriter | undefined;
  /**
   * The folder of the source has served its purpose: a backend with folders may make it the one of
   * `path` instead of making that anew, where the source is alone in it and is called the same.
   * @default the folder stays
   */
  readonly withFolder?: boolean;
}

/** Options of {@linkcode StorageDriver.reader}. */
export interface ReadOptions {
  /** First byte to read, 0 or more. Beyond the end the stream is empty. @default 0 */
  readonly offset?: number;
  /** At most so many bytes. @default all */
  readonly length?: number;
}

/** Options of {@linkcode StorageDriver.writer}. */
export interface WriterOptions {
  /**
   * Continue behind what an earlier writer closed or committed; a missing file is then started.
   * Without it the file starts anew.
   * @default false
   */
  readonly append?: boolean;
  /**
   * With `append`: a missing file is not started, but `path_not_found`. A remote backend, which would
   * have to look, may start it all the same.
   * @default false
   */
  readonly mustExist?: boolean;
}

/** Options of {@linkcode StorageDriver.delete}. */
export interface DeleteOptions {
  /**
   * Names of files: in the folder that is removed is nothing else. A remote backend then need not
   * look what there is, and may succeed where there is nothing.
   * @default it may hold anything
   */
  readonly onlyFiles?: readonly string[];
}

/** Options of {@linkcode StorageDriver.sweep}. */
export interface SweepOptions {
  /** What began at this time or later stays, in milliseconds since the epoch. */
  readonly startedBeforeMs: number;
  /** Ends it between two looks. @default it goes on to the end */
  readonly signal?: AbortSignal | undefined;
  /** Is waited for between two looks. @default nothing is */
  readonly pace?: Pacer | undefined;
}

/** Options of {@linkcode StorageDriver.stat}. */
export interface StatOptions {
  /**
   * Only a file is looked for: a folder may then be `path_not_found`. It spares an object store a
   * request, for it has no folders.
   * @default false
   */
  readonly fileOnly?: boolean;
  /**
   * A file that was closed and not committed counts too, where the backend keeps it out of sight.
   * @default false
   */
  readonly unfinished?: boolean;
}

/** Options of {@linkcode StorageDriver.walk}. */
export interface WalkOptions {
  /**
   * Leave out this path and every path that the walk would yield before it. It is a place in the
   * order, not a path that is looked at: it need not exist, and may be any text.
   */
  readonly startAfter?: string;
  /**
   * Whether to go into a folder. It is asked of every folder on the way, also of those that
   * `startAfter` leaves out, so that a walk that is continued yields what was to come.
   * @default every folder
   */
  readonly enter?: (folder: FileInfo) => boolean;
}

/** What is known of the request that asks for a redirect. */
export interface RedirectRequest {
  readonly method: "GET" | "HEAD";
  /** Address of the client, without port. */
  readonly clientAddress?: string;
}

/**
 * A file that is being written, with three ends: {@linkcode close} keeps the bytes so that a later
 * writer can append, {@linkcode commit} makes them the file, {@linkcode cancel} removes them. After any
 * of the three has succeeded every further call fails with `writer_closed`, but for the `close` that
 * a commit needs; after one that failed another may be tried, and {@linkcode close} releases what the writer holds even when it fails.
 * One writer has one user at a time.
 *
 * A writer has its file to itself: another writer of the same path, in whatever thread or program
 * that shares the storage, waits until the first has ended, as far as the backend can tell. After
 * {@linkcode commit} the file is still held, so that it can be moved to where it is published before
 * the next writer comes, which then finds it gone; {@linkcode close} lets it go.
 */
export interface FileWriter {
  /** Bytes in the file so far, those of earlier writers included. */
  readonly sizeBytes: number;
  /**
   * Names what was in the file when it was opened and, after {@linkcode close}, what is in it then; ""
   * for nothing. Where it is not what the last writer left, somebody else has written in between.
   * Absent where a writer really has its file to itself, as the backend has locks.
   */
  readonly version?: string | undefined;
  /**
   * Appends `chunk`; the caller may use its buffer again once this has resolved. After a failure
   * {@linkcode sizeBytes} tells how much of it is in the file.
   * @throws {DriverError} no_space; writer_closed
   */
  write(chunk: Uint8Array): Promise<void>;
  /** Keeps what was written, durably, for a later writer with `append`, and lets the file go. */
  close(): Promise<void>;
  /** Makes the whole file visible under its path; only {@linkcode close} may follow. */
  commit(): Promise<void>;
  /** Removes the file and everything written to it. */
  cancel(): Promise<void>;
}

/** A backend that keeps files; see the module's text for what it promises. */
export interface StorageDriver {
  /** The name of the driver in the configuration. */
  readonly name: string;

  /**
   * Whether every call is a request to another machine, so that one to find out whether another one
   * is needed is not worth it. @default false
   */
  readonly isRemote?: boolean;

  /**
   * Reads a whole, small file.
   * @throws {DriverError} path_not_found: nothing, or a folder, is at `path`
   */
  getContent(path: string): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Writes a whole, small file, replacing what was there, atomically.
   * @throws {DriverError} no_space; nothing has changed then
   */
  putContent(path: string, content: Uint8Array, options?: PutOptions): Promise<void>;

  /**
   * Opens a file for reading. The stream closes its resources when it ends or is cancelled. It is a
   * byte stream: a reader may bring its own buffer.
   * @throws {DriverError} path_not_found, invalid_offset
   */
  reader(path: string, options?: ReadOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;

  /**
   * Opens a file for writing.
   * @throws {DriverError} path_not_found: it must exist, and does not
   */
  writer(path: string, options?: WriterOptions): Promise<FileWriter>;

  /**
   * Tells what is at `path`.
   * @throws {DriverError} path_not_found
   */
  stat(path: string, options?: StatOptions): Promise<FileInfo>;

  /**
   * Lists the direct children of a folder, as full paths in no particular order.
   * @throws {DriverError} path_not_found: no folder is at `path`; the root always exists
   */
  list(path: string): Promise<string[]>;

  /**
   * Moves a file, replacing what is at `destination`, atomically and durably.
   * @throws {DriverError} path_not_found: `source` is missing; the destination is then untouched
   */
  move(source: string, destination: string): Promise<void>;

  /**
   * Makes several changes, one after the other, each at once; all are durable when it resolves. When
   * one fails, those that follow are not made.
   *
   * The backend is waited for once and not for each: when the machine is lost meanwhile, any of them
   * may be found and any may be missing. What must not be there without the others is therefore left
   * to a call of its own that follows. Absent where nothing is won by it; see
   * {@linkcode applyChanges}.
   * @throws {DriverError} no_space; those of {@linkcode move}
   */
  apply?(changes: readonly Change[]): Promise<void>;

  /**
   * Removes a file, or a folder with all that is in it, and nothing that only shares its prefix.
   * @throws {DriverError} path_not_found
   */
  delete(path: string, options?: DeleteOptions): Promise<void>;

  /**
   * Removes what writers below a folder have left out of sight: those that began before a time and
   * have come to no end. Absent where a backend keeps nothing out of sight.
   *
   * @returns how many there were
   */
  sweep?(path: string, options: SweepOptions): Promise<number>;

  /**
   * Removes a folder if nothing is in it, then the one above it, and so on below `top`, which stays.
   * A folder into which something is put at the same time stays, or is made anew. Absent where a
   * backend keeps no empty folders. It never fails: a folder that cannot be removed stays.
   */
  removeEmptyFolders?(path: string, top: string): Promise<void>;

  /** A URL at which the client may fetch the content itself; `undefined` to serve it from here. */
  redirectUrl(path: string, request: RedirectRequest): Promise<string | undefined>;

  /**
   * Yields everything below a folder in pre-order: a folder before its children, children in the
   * order of their names' bytes. What vanishes meanwhile is left out, unless the backend had told of
   * it before. Leaving the loop ends the walk.
   * @throws {DriverError} path_not_found: no folder is at `path`; the root always exists
   */
  walk(path: string, options?: WalkOptions): AsyncIterable<FileInfo>;

  /** Releases what the driver holds; no call may follow. */
  close(): Promise<void>;
}

/** Makes changes together where the backend can, else one after the other. */
export async function applyChanges(
  driver: StorageDriver,
  changes: readonly Change[],
): Promise<void> {
  if (driver.apply !== undefined) return await driver.apply(changes);
  await applyInTurn(driver, changes);
}

/** Makes changes one after the other, waiting for each. */
export async function applyInTurn(
  driver: StorageDriver,
  changes: readonly Change[],
): Promise<void> {
  for (const change of changes) {
    if ("content" in change) {
      await driver.putContent(change.path, change.content);
    } else {
      await change.writer?.commit();
      await driver.move(change.source, change.path);
    }
  }
}

/** Wording of Distribution's errors, which clients and dashboards know. */
function describe(code: DriverErrorCode, options: DriverErrorOptions): string {
  const { driver, path, offset, cause } = options;
  switch (code) {
    case "path_not_found":
      return `${driver}: Path not found: ${path}`;
    case "invalid_path":
      return `${driver}: invalid path: ${path}`;
    case "invalid_offset":
      return `${driver}: invalid offset: ${offset} for path: ${path}`;
    case "writer_closed":
      return `${driver}: already closed: ${path}`;
    case "no_space":
      return `${driver}: no space left on device: ${path}`;
    case "unavailable":
      return `${driver}: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
