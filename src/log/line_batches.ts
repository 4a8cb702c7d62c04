/** Bytes that a batch has room for; a line that is longer gets a batch of its own. */
const BATCH_BYTES = 65_536;

/** UTF-8 needs at most so many bytes for one unit of a text's length. */
const MAX_BYTES_EACH = 3;

const NEWLINE = 10;

/** Lines that are written together. */
export interface LineBatch {
  /** The lines with their ends; valid until the batch is given back. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly lines: number;
}

interface OpenBatch {
  readonly room: Uint8Array<ArrayBuffer>;
  used: number;
  lines: number;
}

/**
 * Lines as bytes, in the order they came.
 *
 * A line becomes bytes at once: texts that wait outlive the next collections of the engine, which
 * costs several times what it takes to put a line together.
 */
export class LineBatches {
  readonly #encoder = new TextEncoder();
  #batches: OpenBatch[] = [];
  #spare: Uint8Array<ArrayBuffer> | undefined;

  /** Whether no line is there. */
  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Puts a line, without its end, behind the others. */
  add(line: string): void {
    const batch = this.#withRoomFor(line.length * MAX_BYTES_EACH + 1);
    const { written } = this.#encoder.encodeInto(line, batch.room.subarray(batch.used));
    batch.used += written;
    batch.room[batch.used++] = NEWLINE;
    batch.lines++;
  }

  /** Takes all lines out. */
  take(): LineBatch[] {
    const taken = this.#batches;
    this.#batches = [];
    return taken.map(({ room, used, lines }) => ({ bytes: room.subarray(0, used), lines }));
  }

  /** Takes back a batch that was taken out; its bytes may change from now on. */
  giveBack({ bytes }: LineBatch): void {
    if (bytes.buffer.byteLength === BATCH_BYTES) this.#spare = new Uint8Array(bytes.buffer);
  }

  #withRoomFor(bytes: number): OpenBatch {
    const last = this.#batches.at(-1);
    if (last !== undefined && last.room.byteLength - last.used >= bytes) return last;
    const batch = { room: this.#newRoom(bytes), used: 0, lines: 0 };
    this.#batches.push(batch);
    return batch;
  }

  #newRoom(bytes: number): Uint8Array<ArrayBuffer> {
    const spare = this.#spare;
    if (bytes > BATCH_BYTES || spare === undefined) {
      return new Uint8Array(Math.max(bytes, BATCH_BYTES));
    }
    this.#spare = undefined;
    return spare;
  }
}
