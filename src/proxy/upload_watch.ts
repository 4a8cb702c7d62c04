import type { Timers } from "../base/timers.ts";
import type { Upload, UploadStore } from "../storage/store.ts";

/** What {@linkcode UploadWatch} needs. */
export interface UploadWatchOptions {
  readonly uploads: Pick<UploadStore, "find">;
  readonly upload: Pick<Upload, "repository" | "id">;
  /** Whether somebody wants to know. */
  readonly isWanted: () => boolean;
  /** Is told when more can be read, or when what was read turns out to be worth nothing. */
  readonly onChange: () => void;
  readonly timers: Timers;
}

/** How often it looks, in milliseconds. */
const POLL_MS = 5;
/** Until so many looks were had, two threads may both have begun the upload. */
const SETTLED_POLLS = 200;

/** Watches how far an upload has come, whichever thread or replica writes to it. */
export class UploadWatch {
  readonly #options: UploadWatchOptions;
  #sizeBytes = 0;
  #isReplaced = false;
  /** When the upload began that is watched. */
  #startedAtMs: number | undefined;
  #polls = 0;
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: UploadWatchOptions) {
    this.#options = options;
    this.#pollLater();
  }

  /** Bytes that can be read by now. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Whether what was read is no part of what will be stored. */
  get isReplaced(): boolean {
    return this.#isReplaced;
  }

  /** Notes that the upload was taken away. */
  lose(): void {
    this.#isReplaced ||= this.#sizeBytes > 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #pollLater(): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.timers.after(POLL_MS, () => {
      this.#poll().then(() => this.#pollLater());
    });
  }

  async #poll(): Promise<void> {
    const { uploads, upload: { repository, id }, isWanted, onChange } = this.#options;
    if (!isWanted()) return;
    try {
      const { sizeBytes, startedAtMs } = await uploads.find(repository, id);
      // Just before an upload ends well, its content has become the blob already.
      if (sizeBytes === 0) return;
      const isOther = startedAtMs !== (this.#startedAtMs ?? startedAtMs);
      this.#startedAtMs = startedAtMs;
      this.#polls++;
      this.#isReplaced ||= sizeBytes < this.#sizeBytes ||
        (isOther && this.#polls > SETTLED_POLLS);
      if (sizeBytes === this.#sizeBytes) return;
      this.#sizeBytes = Math.max(sizeBytes, this.#sizeBytes);
      onChange();
    } catch {
      // It has ended, or the storage is away for a moment; the end tells itself.
    }
  }
}
