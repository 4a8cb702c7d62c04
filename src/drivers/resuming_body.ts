import type { Timers } from "../base/timers.ts";
import { emptyStream } from "./byte_stream.ts";
import { resumingStream } from "./resuming_stream.ts";

/** Options of {@linkcode resumingBody}. */
export interface ResumingBodyOptions {
  /** The first byte of the file that the answer has. */
  readonly offset: number;
  /** The header by which an answer names the content of the file. */
  readonly versionHeader: string;
  /**
   * Asks for a range of the file, such as `bytes=5-9`.
   * @throws what the reader is then told
   */
  readonly reopen: (range: string) => Promise<Response>;
  /** Makes of what a connection failed with what the reader is told. */
  readonly toError: (reason: unknown) => Error;
  readonly timers?: Timers | undefined;
}

/**
 * The body of an answer to a `fetch`, as a stream that goes on where the connection breaks, with the
 * same content alone. An answer that does not say how long it is, and of what, stays as it is.
 */
export function resumingBody(
  { body, headers }: Response,
  { offset, versionHeader, reopen, toError, timers }: ResumingBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  if (body === null) return emptyStream();
  const length = headers.get("content-length");
  const version = headers.get(versionHeader);
  if (length === null || version === null) return body;
  const sizeBytes = Number(length);
  return resumingStream({
    opened: body,
    sizeBytes,
    async reopen(skippedBytes) {
      const next = await reopen(`bytes=${offset + skippedBytes}-${offset + sizeBytes - 1}`);
      if (next.headers.get(versionHeader) === version && next.body !== null) return next.body;
      await next.body?.cancel();
      throw toError(new Error("Cannot read on: the file has other content by now"));
    },
    toError,
    timers,
  });
}
