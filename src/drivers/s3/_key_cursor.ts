import type { Bucket, StoredObject } from "./_bucket.ts";

/** Sorts behind every character that a path may have, and before none. */
const LAST = "~";

/** Which keys a cursor goes through. */
export interface KeyRange {
  readonly prefix: string;
  /** Leave out this key and all before it. @default none */
  readonly startAfter?: string;
}

/** A page of a listing, and what is known of the keys around it. */
interface LoadedPage {
  readonly objects: readonly StoredObject[];
  readonly token: string | undefined;
}

/** Goes through the keys below a prefix in the order of their bytes, a page at a time. */
export class KeyCursor {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  #startAfter: string | undefined;
  #page: LoadedPage | undefined;
  #index = 0;

  constructor(bucket: Bucket, { prefix, startAfter }: KeyRange) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#startAfter = startAfter;
  }

  /** The next object, which stays the next one; `undefined`: there is none left. */
  async peek(): Promise<StoredObject | undefined> {
    for (;;) {
      const object = this.#page?.objects[this.#index];
      if (object !== undefined) return object;
      if (this.#page !== undefined && this.#page.token === undefined) return undefined;
      await this.#load(this.#page?.token);
    }
  }

  /** Goes on behind the next object. */
  advance(): void {
    this.#index++;
  }

  /** Goes on behind everything that starts with `prefix`; asks the store only for what follows. */
  skip(prefix: string): void {
    const objects = this.#page?.objects ?? [];
    while (objects[this.#index]?.key.startsWith(prefix)) this.#index++;
    if (this.#index < objects.length || this.#page?.token === undefined) return;
    this.#page = undefined;
    this.#startAfter = prefix + LAST;
  }

  /** A cursor of its own over the keys that start with `prefix`, which come later than the next one. */
  fork(range: KeyRange): KeyCursor {
    const fork = new KeyCursor(this.#bucket, range);
    const objects = this.#page?.objects ?? [];
    const last = objects.at(-1)?.key ?? "";
    const isWhole = this.#page !== undefined &&
      (this.#page.token === undefined || last > range.prefix + LAST);
    if (!isWhole) return fork;
    const { prefix, startAfter = "" } = range;
    const own = objects.filter(({ key }) => key.startsWith(prefix) && key > startAfter);
    fork.#page = { objects: own, token: undefined };
    return fork;
  }

  async #load(token: string | undefined): Promise<void> {
    this.#page = await this.#bucket.list({
      prefix: this.#prefix,
      token,
      ...this.#startAfter === undefined ? {} : { startAfter: this.#startAfter },
    });
    this.#index = 0;
  }
}
