import type { Timers } from "../base/timers.ts";
import { emptyStream } from "./byte_stream.ts";
import { beginsAt } from "./content_range.ts";
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
 *
 * @throws what `toError` makes, where the answer does not begin with the byte that was asked for
 */
export function resumingBody(
  response: Response,
  { offset, versionHeader, reopen, toError, timers }: ResumingBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { body, headers } = response;
  if (body === null) return emptyStream();
  if (!beginsAt(offset, headers.get("content-range"))) throw toError(refuse(response));
  const length = headers.get("content-length");
  const version = headers.get(versionHeader);
  if (length === null || version === null) return body;
  const sizeBytes = Number(length);
  return resumingStream({
    opened: body,
    sizeBytes,
    async reopen(skippedBytes) {
      const first = offset + skippedBytes;
      const next = await reopen(`bytes=${first}-${offset + sizeBytes - 1}`);
      const isSame = next.headers.get(versionHeader) === version;
      const isPart = beginsAt(first, next.headers.get("content-range"));
      if (isSame && isPart && next.body !== null) return next.body;
      throw toError(refuse(next));
    },
    toError,
    timers,
  });
}

function refuse({ body }: Response): Error {
  body?.cancel().catch(() => {});
  return new Error("Cannot read: the store answered with other content, or another part of it");
}
