import { type BlobClient, StorageSharedKeyCredential } from "@azure/storage-blob";
import { byteStream, emptyStream } from "../byte_stream.ts";
import { fetchAnswer } from "../fetch_answer.ts";
import type { Account } from "./_account.ts";
import type { SignedLinks } from "./_links.ts";

/** Version of the service's protocol that reads with a token speak. */
const PROTOCOL_VERSION = "2021-12-02";

/** What may be asked for with a token. */
const SCOPE = "https://storage.azure.com/.default";

/** What {@linkcode openBlob} needs. */
export interface OpenBlobOptions {
  readonly account: Account;
  readonly links: SignedLinks;
  /** The first byte. */
  readonly offset: number;
  /** At most so many bytes, 1 or more; may be infinite. */
  readonly length: number;
  /** Whether any certificate is accepted, which the runtime's own client cannot do. */
  readonly skipVerify: boolean;
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
  const { offset, length } = options;
  if (options.skipVerify) return await openByLibrary(blob, options);
  const last = length === Infinity ? "" : offset + length - 1;
  const range = `bytes=${offset}-${last}`;
  // The whole of an empty blob is no range.
  const headers: Record<string, string> = offset === 0 && length === Infinity ? {} : { range };
  const response = await fetchAnswer({
    request: async () => {
      const [url, signature] = await signRead(blob, options);
      return [url, { headers: { ...headers, ...signature } }];
    },
    expect: [200, 206],
  });
  return response.body ?? emptyStream();
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
  const chunks = readableStreamBody[Symbol.asyncIterator]();
  let rest = new Uint8Array();
  async function read(view: Uint8Array<ArrayBuffer>): Promise<number> {
    while (rest.byteLength === 0) {
      const { value, done } = await chunks.next();
      if (done) throw new Error("Cannot read on: the answer ended early");
      rest = new Uint8Array(value as unknown as Uint8Array<ArrayBuffer>);
    }
    const piece = rest.subarray(0, view.byteLength);
    view.set(piece);
    rest = rest.subarray(piece.byteLength);
    return piece.byteLength;
  }
  return byteStream({ read, close: () => void chunks.return?.() }, contentLength);
}
