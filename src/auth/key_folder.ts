/**
 * Where keys are kept: a few small files, which every thread and replica sees.
 *
 * Writing replaces the whole file or nothing. What one writes another may see only after a while.
 */
export interface KeyFolder {
  /** The names of all files. */
  list(): Promise<readonly string[]>;
  /** The text of a file; `undefined` where it is gone. */
  read(name: string): Promise<string | undefined>;
  write(name: string, text: string): Promise<void>;
  /** Removes a file, if it is there. */
  remove(name: string): Promise<void>;
}
