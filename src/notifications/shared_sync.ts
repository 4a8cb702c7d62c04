/**
 * Brings what was written to a file to the disk, with one wait for all who ask at the same time. A
 * wait that has begun before somebody's bytes were written is of no use to them: they share the next.
 */
export class SharedSync {
  readonly #file: Deno.FsFile;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Opens a file that is there. */
  static open(path: string): SharedSync {
    return new SharedSync(Deno.openSync(path, { write: true }));
  }

  /** Settles when all that was written before the call is on disk. */
  sync(): Promise<void> {
    this.#next ??= this.#running.then(() => this.#begin(), () => this.#begin());
    return this.#next;
  }

  close(): void {
    this.#file.close();
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#file.syncData();
    return this.#running;
  }
}
