import { NO_SHARE, type PartBudget } from "./part_budget.ts";
import { PartBuffer } from "./part_buffer.ts";

/** What a {@linkcode BlockSender} needs. */
export interface BlockSenderOptions {
  /** Length of the next block, in bytes. */
  readonly blockBytes: () => number;
  /** Sends a block, which is valid until it has resolved; then the next one is sent. */
  readonly send: (block: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Memory for the blocks of all senders together. */
  readonly budget: PartBudget;
}

/**
 * Cuts what is written into blocks: while one is on its way the next is filled. After a failure
 * nothing more is sent. Whoever writes waits where the budget has no memory left.
 */
export class BlockSender {
  readonly #options: BlockSenderOptions;
  #buffer: PartBuffer | undefined;
  #share = NO_SHARE;
  #sending: Promise<void> | undefined;
  #sendingBytes = 0;
  #hasFailed = false;
  #failure: unknown;

  constructor(options: BlockSenderOptions) {
    this.#options = options;
  }

  /** Bytes that were written and have not arrived yet; after a failure they are lost, and not counted. */
  get pendingBytes(): number {
    return this.#hasFailed ? 0 : this.#sendingBytes + (this.#buffer?.sizeBytes ?? 0);
  }

  /**
   * Takes bytes, and copies them.
   * @throws whatever `send` failed with
   */
  async write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.byteLength && !this.#hasFailed;) {
      const buffer = this.#buffer ?? await this.#nextBuffer();
      done += buffer.add(done === 0 ? chunk : chunk.subarray(done));
      if (buffer.isFull) await this.#sendBuffer(buffer);
    }
    if (this.#hasFailed) throw this.#failure;
  }

  /**
   * Waits until all whole blocks have arrived, and gives the rest to `use`; it is kept no longer.
   * @throws whatever `send` or `use` failed with
   */
  async useRest<T>(use: (rest: Uint8Array<ArrayBuffer>) => Promise<T>): Promise<T> {
    await this.#sending;
    if (this.#hasFailed) {
      this.#forget();
      throw this.#failure;
    }
    const rest = this.#buffer?.content ?? new Uint8Array();
    const buffer = this.#buffer;
    const share = this.#share;
    this.#buffer = undefined;
    this.#share = NO_SHARE;
    share.fill();
    try {
      const result = await this.#options.budget.send(() => use(rest));
      buffer?.release();
      return result;
    } finally {
      share.giveBack();
    }
  }

  /** Waits until nothing is on its way, and forgets what was not sent. */
  async settle(): Promise<void> {
    await this.#sending;
    this.#forget();
  }

  #forget(): void {
    this.#buffer?.release();
    this.#buffer = undefined;
    this.#share.giveBack();
    this.#share = NO_SHARE;
  }

  async #nextBuffer(): Promise<PartBuffer> {
    const { blockBytes, budget } = this.#options;
    const buffer = new PartBuffer(blockBytes(), budget);
    this.#share = await budget.take(buffer.capacity, () => buffer.sizeBytes);
    this.#buffer = buffer;
    return buffer;
  }

  async #sendBuffer(buffer: PartBuffer): Promise<void> {
    const share = this.#share;
    share.fill();
    await this.#sending;
    if (this.#hasFailed) return;
    this.#buffer = undefined;
    this.#share = NO_SHARE;
    this.#sendingBytes = buffer.sizeBytes;
    this.#sending = this.#deliver(buffer).finally(() => share.giveBack());
  }

  /** Never fails, but leaves its failure behind. */
  async #deliver(buffer: PartBuffer): Promise<void> {
    const { budget, send } = this.#options;
    try {
      await budget.send(() => send(buffer.content));
      // After a failure the library may still read what it was to send.
      buffer.release();
    } catch (error) {
      this.#hasFailed = true;
      this.#failure = error;
    }
    this.#sendingBytes = 0;
    this.#sending = undefined;
  }
}
