/** What a {@linkcode BlockSender} needs. */
export interface BlockSenderOptions {
  /** Length of the next block, in bytes. */
  readonly blockBytes: () => number;
  /** Sends a block; the next one is sent when it has resolved. */
  readonly send: (block: Uint8Array<ArrayBuffer>) => Promise<void>;
}

/**
 * Cuts what is written into blocks: while one is on its way the next is filled. After a failure
 * nothing more is sent.
 */
export class BlockSender {
  readonly #options: BlockSenderOptions;
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #filled = 0;
  #sending: Promise<void> | undefined;
  #sendingBytes = 0;
  #hasFailed = false;
  #failure: unknown;

  constructor(options: BlockSenderOptions) {
    this.#options = options;
  }

  /** Bytes that were written and have not arrived yet; after a failure they are lost, and not counted. */
  get pendingBytes(): number {
    return this.#hasFailed ? 0 : this.#sendingBytes + this.#filled;
  }

  /**
   * Takes bytes, and copies them.
   * @throws whatever `send` failed with
   */
  async write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.byteLength && !this.#hasFailed;) {
      this.#buffer ??= new Uint8Array(this.#options.blockBytes());
      const piece = chunk.subarray(done, done + this.#buffer.byteLength - this.#filled);
      this.#buffer.set(piece, this.#filled);
      this.#filled += piece.byteLength;
      done += piece.byteLength;
      if (this.#filled === this.#buffer.byteLength) await this.#sendBuffer(this.#buffer);
    }
    if (this.#hasFailed) throw this.#failure;
  }

  /**
   * Waits until all whole blocks have arrived, and gives the rest, which it keeps no longer.
   * @throws whatever `send` failed with
   */
  async takeRest(): Promise<Uint8Array<ArrayBuffer>> {
    await this.#sending;
    if (this.#hasFailed) throw this.#failure;
    const rest = this.#buffer?.subarray(0, this.#filled) ?? new Uint8Array();
    this.#buffer = undefined;
    this.#filled = 0;
    return rest;
  }

  /** Waits until nothing is on its way. */
  async settle(): Promise<void> {
    await this.#sending;
  }

  async #sendBuffer(block: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#sending;
    if (this.#hasFailed) return;
    this.#buffer = undefined;
    this.#filled = 0;
    this.#sendingBytes = block.byteLength;
    this.#sending = this.#deliver(block);
  }

  /** Never fails, but leaves its failure behind. */
  async #deliver(block: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#options.send(block);
    } catch (error) {
      this.#hasFailed = true;
      this.#failure = error;
    }
    this.#sendingBytes = 0;
    this.#sending = undefined;
  }
}
