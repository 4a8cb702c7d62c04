import type { BlobMaker } from "./blob_maker.ts";
import { NULL_BLOB_BYTES, startNullServer } from "./null_server.ts";
import { pullBlob, pushBlob, runClients } from "./transfers.ts";

/** How fast the benchmark's own client moves blobs of 100 MB when nobody does anything with them. */
export interface ClientSpeed {
  /** In MB/s. */
  readonly push: number;
  /** In MB/s. */
  readonly pull: number;
}

const TIMES = 6;

const REPOSITORY = "null";

/** Measures the client, so that it can be told from the servers. */
export async function measureClient(
  blobs: BlobMaker,
  { signal, times = TIMES }: {
    readonly signal?: AbortSignal;
    /** How many blobs are moved each way. @default 6 */
    readonly times?: number;
  } = {},
): Promise<ClientSpeed> {
  using server = await startNullServer();
  const blob = blobs.make(NULL_BLOB_BYTES);
  const clients = { address: server.address, count: 1, ...signal === undefined ? {} : { signal } };
  const pushMs = await runClients(clients, async (connection) => {
    for (let time = 0; time < times; time++) {
      await pushBlob(connection, { repository: REPOSITORY, blob });
    }
  });
  const pullMs = await runClients({ ...clients, drops: true }, async (connection) => {
    for (let time = 0; time < times; time++) {
      await pullBlob(connection, { repository: REPOSITORY, digest: blob.digest });
    }
  });
  const megabytes = times * NULL_BLOB_BYTES / 1e6;
  return { push: megabytes / (pushMs / 1000), pull: megabytes / (pullMs / 1000) };
}
