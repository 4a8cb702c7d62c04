import { Buffer } from "node:buffer";
import type { AppendBlobClient, BlobGetPropertiesResponse } from "@azure/storage-blob";
import { BlockSender } from "../block_sender.ts";
import type { FileWriter } from "../driver.ts";
import type { PartBudget } from "../part_budget.ts";
import { isConflict, isMissing, isOtherKind, toDriverError } from "./failures.ts";

const MEBIBYTE = 1024 * 1024;

/** Size of a block while there is room for many more. Source: Distribution. */
export const BLOCK_BYTES = 4 * MEBIBYTE;

/** From so many blocks on, of the 50,000 that a blob may have, they are larger. */
const MANY_BLOCKS = 20_000;

/** Size of a block then: 30,000 of them hold 1.8 TiB. Source: Azure, "Append Block", 100 MiB at most. */
const LARGE_BLOCK_BYTES = 64 * MEBIBYTE;

/** What blobs are said to be. Source: Distribution. */
export const CONTENT_TYPE = "application/octet-stream";

/** What {@linkcode AzureWriter.open} needs. */
export interface AzureWriterOptions {
  readonly blob: AppendBlobClient;
  /** The path that errors name. */
  readonly path: string;
  readonly append: boolean;
  /** Memory for the blocks of all writers together. */
  readonly budget: PartBudget;
  /** Is told which content the file has become. */
  readonly onCommitted: (etag: string) => void;
  /** Lets the next writer have the file; it is called once. */
  readonly release: () => void;
}

/** What there is before a writer adds to it. */
interface Present {
  readonly sizeBytes: number;
  /** Names the content; empty where there is none. */
  readonly etag: string;
  readonly blocks: number;
  /** Whether blocks can be appended: `false` of what was written at once. */
  readonly isAppendable: boolean;
}

const NOTHING: Present = { sizeBytes: 0, etag: "", blocks: 0, isAppendable: true };

/**
 * A file that is written block by block to an append blob, as Distribution does. Each block says
 * where it belongs, so that two replicas that write to one file cannot mix: the second one fails.
 * While one block is on its way the next is filled.
 */
export class AzureWriter implements FileWriter {
  readonly #options: AzureWriterOptions;
  #present: Present;
  readonly #sender: BlockSender;
  #isCommitted = false;

  private constructor(options: AzureWriterOptions, present: Present) {
    this.#options = options;
    this.#present = present;
    this.#sender = new BlockSender({
      blockBytes: () => this.#present.blocks < MANY_BLOCKS ? BLOCK_BYTES : LARGE_BLOCK_BYTES,
      send: (block) => this.#deliver(block),
      budget: options.budget,
    });
  }

  /** Opens a file; without `append` it is emptied. */
  static async open(options: AzureWriterOptions): Promise<AzureWriter> {
    const { blob, path, append, release } = options;
    try {
      if (append) return new AzureWriter(options, await look(blob));
      return new AzureWriter(options, await createAnew(blob));
    } catch (error) {
      release();
      throw toDriverError(error, path);
    }
  }

  get sizeBytes(): number {
    return this.#present.sizeBytes + this.#sender.pendingBytes;
  }

  get version(): string {
    return this.#present.etag;
  }

  async write(chunk: Uint8Array): Promise<void> {
    try {
      await this.#sender.write(chunk);
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
  }

  async close(): Promise<void> {
    try {
      if (!this.#isCommitted) await this.#flush();
    } finally {
      this.#options.release();
    }
  }

  async commit(): Promise<void> {
    await this.#flush();
    try {
      // A file of no bytes is a file.
      if (this.#present.etag === "") this.#present = await createAnew(this.#options.blob);
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
    this.#options.onCommitted(this.#present.etag);
    this.#isCommitted = true;
  }

  async cancel(): Promise<void> {
    await this.#sender.settle();
    try {
      await this.#options.blob.deleteIfExists();
    } catch (error) {
      if (!isMissing(error)) throw toDriverError(error, this.#options.path);
    }
    this.#options.release();
  }

  async #flush(): Promise<void> {
    try {
      await this.#sender.useRest(async (rest) => {
        if (rest.byteLength > 0) await this.#deliver(rest);
      });
    } catch (error) {
      throw toDriverError(error, this.#options.path);
    }
  }

  async #deliver(block: Uint8Array): Promise<void> {
    const { blob } = this.#options;
    if (!this.#present.isAppendable) this.#present = await makeAppendable(blob, this.#present);
    if (this.#present.etag === "") this.#present = await createFirst(blob);
    this.#present = await appendBlock(blob, { present: this.#present, block });
  }
}

/** What there is now. */
async function look(blob: AppendBlobClient): Promise<Present> {
  try {
    return fromProperties(await blob.getProperties());
  } catch (error) {
    if (isMissing(error)) return NOTHING;
    throw error;
  }
}

function fromProperties(properties: BlobGetPropertiesResponse): Present {
  const { contentLength = 0, etag = "", blobCommittedBlockCount = 0, blobType } = properties;
  return {
    sizeBytes: contentLength,
    etag,
    blocks: blobCommittedBlockCount,
    isAppendable: blobType === "AppendBlob",
  };
}

/** Makes an empty blob where there is none; another replica may have come first. */
async function createFirst(blob: AppendBlobClient): Promise<Present> {
  const { etag = "" } = await blob.create({
    conditions: { ifNoneMatch: "*" },
    blobHTTPHeaders: { blobContentType: CONTENT_TYPE },
  });
  return { ...NOTHING, etag };
}

/** Makes an empty blob, whatever is there. */
async function createAnew(blob: AppendBlobClient): Promise<Present> {
  const create = async () => {
    const { etag = "" } = await blob.create({
      blobHTTPHeaders: { blobContentType: CONTENT_TYPE },
    });
    return { ...NOTHING, etag };
  };
  try {
    return await create();
  } catch (error) {
    if (!isOtherKind(error)) throw error;
    await blob.deleteIfExists();
    return await create();
  }
}

/** Puts a blob that was written at once, and so is small, into one that can be appended to. */
async function makeAppendable(blob: AppendBlobClient, present: Present): Promise<Present> {
  const content = await blob.downloadToBuffer();
  await blob.delete({ conditions: { ifMatch: present.etag } });
  let next = await createFirst(blob);
  for (let start = 0; start < content.byteLength; start += BLOCK_BYTES) {
    const block = content.subarray(start, start + BLOCK_BYTES);
    next = await appendBlock(blob, { present: next, block });
  }
  return next;
}

async function appendBlock(
  blob: AppendBlobClient,
  { present, block }: { readonly present: Present; readonly block: Uint8Array },
): Promise<Present> {
  const { sizeBytes, blocks } = present;
  const done = { sizeBytes: sizeBytes + block.byteLength, blocks: blocks + 1, isAppendable: true };
  try {
    const conditions = { appendPosition: sizeBytes };
    const { etag = "" } = await blob.appendBlock(block, block.byteLength, { conditions });
    return { ...done, etag };
  } catch (error) {
    // An attempt whose answer was lost may have done it.
    const found = isConflict(error) ? await look(blob) : NOTHING;
    if (found.sizeBytes !== done.sizeBytes) throw error;
    const stored = await blob.downloadToBuffer(sizeBytes, block.byteLength);
    if (Buffer.compare(stored, block) !== 0) throw error;
    return found;
  }
}
