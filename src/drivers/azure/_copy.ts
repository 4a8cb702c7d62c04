import type { BlobClient, BlobGetPropertiesResponse } from "@azure/storage-blob";
import { SYSTEM_TIMERS, type Timers } from "../../base/timers.ts";
import { isOtherKind } from "./failures.ts";

/** What {@linkcode copyBlob} needs. */
export interface CopyOptions {
  readonly source: BlobClient;
  readonly destination: BlobClient;
  /** The content that is to be copied; any other is refused. */
  readonly etag: string | undefined;
  /** How often in a row a copy is asked after that makes no progress; -1: a pending one is given up. */
  readonly maxRetries: number;
  /** The pause before it is asked for the first time, in milliseconds; each further one is longer. */
  readonly retryDelayMs: number;
  readonly timers?: Timers;
}

/**
 * Has the store copy a blob within the account, and waits until it is done.
 *
 * @throws {RestError} what the store answered
 * @throws {Error} the copy failed, or does not go on
 */
export async function copyBlob(options: CopyOptions): Promise<void> {
  const { source, destination, etag, maxRetries, retryDelayMs, timers = SYSTEM_TIMERS } = options;
  let { copyStatus, copyId = "" } = await start(options);
  let progress = "";
  for (let tries = 1; copyStatus === "pending"; tries++) {
    if (tries > maxRetries) {
      await destination.abortCopyFromURL(copyId).catch(() => {});
      throw new Error(`Cannot copy "${source.name}": it does not go on, and was given up`);
    }
    await new Promise<void>((resolve) => timers.after(retryDelayMs * tries, resolve));
    const state = await destination.getProperties();
    if (state.copyProgress !== progress) tries = 0;
    progress = state.copyProgress ?? "";
    ({ copyStatus, copyId = "" } = state);
  }
  if (copyStatus === "failed" || copyStatus === "aborted") {
    throw new Error(`Cannot copy "${source.name}", of etag ${etag ?? "unknown"}: ${copyStatus}`);
  }
}

/** What is known of a copy. */
type CopyState = Pick<BlobGetPropertiesResponse, "copyId" | "copyStatus">;

async function start(options: CopyOptions): Promise<CopyState> {
  try {
    return await begin(options);
  } catch (error) {
    if (!isOtherKind(error)) throw error;
    await options.destination.deleteIfExists();
    return await begin(options);
  }
}

async function begin({ source, destination, etag }: CopyOptions): Promise<CopyState> {
  const poller = await destination.beginCopyFromURL(source.url, {
    ...etag === undefined ? {} : { sourceConditions: { ifMatch: etag } },
  });
  // Its own waiting is not used: it knows no limit.
  poller.stopPolling();
  return poller.getOperationState().result ?? await destination.getProperties();
}
