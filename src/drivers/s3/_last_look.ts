import type { Resumed } from "./_resume.ts";

/** How long what was seen may be used, in milliseconds: a request looks, then writes. */
const VALID_MS = 2_000;

/** Most files that are remembered; the oldest go. */
const MAX_FILES = 1000;

/** What a look has found, or is about to find. */
interface Look {
  found?: { readonly left: Resumed; readonly atMs: number };
}

/**
 * What a look at an unfinished file has found, for the writer that comes right after it. It is used
 * once, and not if a writer was at work since it began; one on another replica could come at any
 * time, before this look or after it.
 */
export class LastLook {
  readonly #looks = new Map<string, Look>();
  readonly #writing = new Set<string>();

  /** Looks, and remembers what is found unless a writer is, or comes, in between. */
  async run(path: string, look: () => Promise<Resumed>): Promise<Resumed> {
    const entry: Look = {};
    if (!this.#writing.has(path)) this.#remember(path, entry);
    const left = await look();
    entry.found = { left, atMs: performance.now() };
    return left;
  }

  /** A writer begins; gives what was seen, if it was just now. */
  begin(path: string): Resumed | undefined {
    this.#writing.add(path);
    const found = this.#looks.get(path)?.found;
    this.#looks.delete(path);
    return found !== undefined && performance.now() - found.atMs < VALID_MS
      ? found.left
      : undefined;
  }

  /** A writer has ended. */
  end(path: string): void {
    this.#writing.delete(path);
  }

  #remember(path: string, entry: Look): void {
    this.#looks.delete(path);
    this.#looks.set(path, entry);
    if (this.#looks.size <= MAX_FILES) return;
    for (const [oldest] of this.#looks) return void this.#looks.delete(oldest);
  }
}
