import { type BlobClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import type { Timers } from "../../base/timers.ts";
import { byteStream, chunksSource, emptyStream } from "../byte_stream.ts";
import { fetchAnswer } from "../fetch_answer.ts";
import { resumingBody } from "../resuming_body.ts";
import type { Account } from "./_account.ts";
import type { SignedLinks } from "./_links.ts";
import { toDriverError } from "./failures.ts";

/** Version of the service's protocol that reads with a token speak. */
const PROTOCOL_VERSION = "2021-12-02";

/** What may be asked for with a token. */
const SCOPE = "https://storage.azure.com/.default";

/** What {@linkcode openBlob} needs. */
export interface OpenBlobOptions {
  /** The path that errors name. */
  readonly path: string;
  readonly account: Account;
  readonly links: SignedLinks;
  /** The first byte. */
  readonly offset: number;
  /** At most so many bytes, 1 or more; may be infinite. */
  readonly length: number;
  /** Whether any certificate is accepted, which the runtime's own client cannot do. */
  readonly skipVerify: boolean;
  readonly timers: Timers;
}

/** A stream of bytes that a reader may take with a buffer of its own. */
export type BlobStream = ReadableStream<Uint8Array<ArrayBuffer>>;

/**
 * Opens a blob for reading. The runtime's own client reads it, for its streams cost least; the
 * vendor's signs the request.
 *
 * @throws {AnswerError} {RestError} what the store answered
 */
export async function openBlob(blob: BlobClient, options: OpenBlobOptions): Promise<BlobStream> {
  const { offset, length, path } = options;
  if (options.skipVerify) return await openByLibrary(blob, options);
  const last = length === Infinity ? "" : offset + length - 1;
  // The whole of an empty blob is no range.
  const isWhole = offset === 0 && length === Infinity;
  const answer = await ask(blob, { ...options, range: isWhole ? "" : `bytes=${offset}-${last}` });
  return resumingBody(answer, {
    offset,
    versionHeader: "etag",
    async reopen(range) {
      try {
        return await ask(blob, { ...options, range });
      } catch (error) {
        throw toDriverError(error, path);
      }
    },
    toError: (reason) => toDriverError(reason, path),
    timers: options.timers,
  });
}

function ask(
  blob: BlobClient,
  { range, ...options }: OpenBlobOptions & { readonly range: string },
): Promise<Response> {
  const headers: Record<string, string> = range === "" ? {} : { range };
  return fetchAnswer({
    request: async () => {
      const [url, signature] = await signRead(blob, options);
      return [url, { headers: { ...headers, ...signature } }];
    },
    expect: [200, 206],
    timers: options.timers,
  });
}

async function signRead(
  blob: BlobClient,
  { account, links }: OpenBlobOptions,
): Promise<readonly [url: string, headers: Readonly<Record<string, string>>]> {
  const { credential } = account;
  if (credential instanceof StorageSharedKeyCredential) return [await links.signOwn(blob), {}];
  const { token } = await credential.getToken(SCOPE);
  return [blob.url, { authorization: `Bearer ${token}`, "x-ms-version": PROTOCOL_VERSION }];
}

async function openByLibrary(blob: BlobClient, part: OpenBlobOptions): Promise<BlobStream> {
  const count = part.length === Infinity ? undefined : part.length;
  const { readableStreamBody, contentLength = 0 } = await blob.download(part.offset, count, {
    maxRetryRequests: 3,
  });
  if (readableStreamBody === undefined || contentLength === 0) return emptyStream();
  const chunks = readableStreamBody as AsyncIterable<Uint8Array>;
  return byteStream(chunksSource(chunks), contentLength);
}
