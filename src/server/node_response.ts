import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import type { Writable } from "node:stream";
import { tryByteReader } from "../base/byte_reader.ts";
import { returnsChunks } from "../base/lent_chunks.ts";
import type { BufferGarbage } from "./buffer_garbage.ts";
import { PieceBuffers } from "./piece_buffers.ts";
import { sendLent, sendPieces } from "./send_pieces.ts";

/** The way back to a client, in either version of HTTP. */
type Outgoing = ServerResponse | Http2ServerResponse;

/** Headers that HTTP/2 does not have. Source: RFC 9113, section 8.2.2. */
const HTTP1_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
]);

/** Statuses that have no body. */
const BODILESS_STATUSES: ReadonlySet<number> = new Set([204, 304]);

/** Longest body that is sent in one piece, in bytes: longer ones go out as they come. */
const ONE_PIECE_BYTES = 64 * 1024;

/** Options of {@linkcode sendResponse}. */
export interface SendOptions {
  /** Method of the request. */
  readonly method: string | undefined;
  /** Is told of the buffers that bodies come in. */
  readonly garbage?: BufferGarbage;
  /** Buffers for bodies that can be read into them. @default some for this response alone */
  readonly buffers?: PieceBuffers;
}

/**
 * Sends a `Response` over `node:http`, its headers as they are.
 *
 * @returns when all of it is handed over, or the client has gone
 * @throws whatever the body fails with, after the connection was broken off: the client must not
 *   take a part for the whole
 */
export async function sendResponse(
  response: Response,
  outgoing: Outgoing,
  { method, garbage, buffers = new PieceBuffers() }: SendOptions,
): Promise<void> {
  const { status } = response;
  const length = Number(response.headers.get("content-length") ?? Number.NaN);
  const isHead = method === "HEAD";
  if (isHead || length === 0 || BODILESS_STATUSES.has(status)) {
    writeHead(outgoing, response);
    outgoing.end();
    if (isHead) await response.body?.cancel();
  } else if (length <= ONE_PIECE_BYTES) {
    // Asking a response for its body as a stream costs more than all the rest.
    const bytes = new Uint8Array(await response.arrayBuffer());
    writeHead(outgoing, response);
    outgoing.end(bytes);
  } else {
    writeHead(outgoing, response);
    if (response.body === null) outgoing.end();
    else await sendStream(response.body, { outgoing, garbage, buffers });
  }
}

function writeHead(outgoing: Outgoing, { status, headers }: Response): void {
  if ("stream" in outgoing) {
    for (const name of HTTP1_HEADERS) headers.delete(name);
    // A list of names and values in turn would do here too, but its type does not say so.
    const cookies = headers.getSetCookie();
    const single = Object.fromEntries(headers);
    outgoing.writeHead(status, cookies.length > 0 ? { ...single, "set-cookie": cookies } : single);
    return;
  }
  const flat: string[] = [];
  headers.forEach((value, name) => flat.push(name, value));
  outgoing.writeHead(status, flat);
}

/** What a body is sent with. */
interface StreamOptions {
  readonly outgoing: Outgoing;
  readonly garbage: BufferGarbage | undefined;
  readonly buffers: PieceBuffers;
}

async function sendStream(
  body: ReadableStream<Uint8Array>,
  { outgoing, garbage, buffers }: StreamOptions,
): Promise<void> {
  // When HTTP/2 is done with a buffer is not known.
  const isHttp2 = "stream" in outgoing;
  const isLent = !isHttp2 && returnsChunks(body, { reusable: true });
  const byteReader = isHttp2 ? undefined : tryByteReader(body);
  const reader = byteReader ?? body.getReader();
  // While it waits for more of the body, nothing else would notice that the client has gone.
  const cancel = () => void reader.cancel("the client has gone").catch(() => {});
  outgoing.once("close", cancel);
  try {
    if (reader instanceof ReadableStreamBYOBReader) {
      await sendPieces(reader, { outgoing, buffers });
    } else if (isLent) {
      await sendLent(reader as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, outgoing);
    } else {
      await sendChunks(reader, { outgoing, garbage });
    }
    outgoing.end();
  } catch (error) {
    outgoing.destroy();
    throw error;
  } finally {
    outgoing.off("close", cancel);
    // A piece may fail to go out before the connection is known to be closed. All read, it is nothing.
    cancel();
  }
}

/** Sends the chunks of a body as they are. */
async function sendChunks(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  { outgoing, garbage }: {
    readonly outgoing: Writable;
    readonly garbage: BufferGarbage | undefined;
  },
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done || outgoing.destroyed) return;
    if (!outgoing.write(value)) await untilDrained(outgoing);
    garbage?.add(value.byteLength);
  }
}

/** Resolves when more may be written, or the client has gone. */
function untilDrained(outgoing: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const go = () => {
    outgoing.off("drain", go);
    outgoing.off("close", go);
    resolve();
  };
  outgoing.on("drain", go);
  outgoing.on("close", go);
  return promise;
}
