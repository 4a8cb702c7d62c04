import type { Clock } from "../base/clock.ts";
import { SingleFlight } from "../base/single_flight.ts";

/** Options of {@linkcode WatchedFile}. */
export interface WatchedFileOptions<T> {
  /** Makes of its text what is wanted; what it throws is thrown to whoever asks. */
  readonly parse: (text: string) => T;
  readonly clock: Clock;
  /** How long nobody looks whether the file has changed, in milliseconds. @default 1000 */
  readonly restMs?: number;
}

/** What a file says, read again when it has changed. */
export class WatchedFile<T> {
  readonly #path: string;
  readonly #options: WatchedFileOptions<T>;
  readonly #flights = new SingleFlight<T>();
  #read: { readonly version: string; readonly value: T } | undefined;
  #lookedAtMs = 0;

  constructor(path: string, options: WatchedFileOptions<T>) {
    this.#path = path;
    this.#options = options;
  }

  /** What the file said a moment ago; `undefined` where it has to be looked at. */
  get recent(): T | undefined {
    const { clock, restMs = 1000 } = this.#options;
    const ageMs = clock.now() - this.#lookedAtMs;
    return ageMs >= 0 && ageMs < restMs ? this.#read?.value : undefined;
  }

  /**
   * What the file says.
   *
   * @throws {Error} it cannot be read, or what `parse` throws
   */
  async get(): Promise<T> {
    return this.recent ?? await this.#flights.run("", () => this.#look());
  }

  async #look(): Promise<T> {
    const lookedAtMs = this.#options.clock.now();
    const { mtime, size, ino } = await Deno.stat(this.#path);
    const version = `${mtime?.getTime()} ${size} ${ino}`;
    if (this.#read?.version !== version) {
      // Until it can be read again, nothing it said before counts.
      this.#read = undefined;
      this.#read = { version, value: this.#options.parse(await Deno.readTextFile(this.#path)) };
    }
    this.#lookedAtMs = lookedAtMs;
    return this.#read.value;
  }
}
