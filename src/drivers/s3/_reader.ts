import type { Timers } from "../../base/timers.ts";
import { resumingStream } from "../resuming_stream.ts";
import type { Bucket, OpenObject } from "./_bucket.ts";
import { toDriverError } from "./failures.ts";

/** What {@linkcode resumable} reads. */
export interface ObjectPart {
  /** The path that errors name. */
  readonly path: string;
  readonly key: string;
  /** First byte of the part. */
  readonly offset: number;
  /** The answer that has begun. */
  readonly opened: OpenObject;
  readonly timers?: Timers;
}

/** A stream of an object that goes on after a connection broke, with the same content alone. */
export function resumable(
  bucket: Bucket,
  { path, key, offset, opened, timers }: ObjectPart,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { stream, sizeBytes, etag } = opened;
  return resumingStream({
    opened: stream,
    sizeBytes,
    async reopen(skippedBytes) {
      const range = { offset: offset + skippedBytes, length: sizeBytes - skippedBytes, etag };
      try {
        return (await bucket.get(key, range)).stream;
      } catch (error) {
        throw toDriverError(error, path);
      }
    },
    toError: (reason) => toDriverError(reason, path),
    timers,
  });
}

/** Reads all of an object. */
export async function readWhole(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  sizeBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const content = new Uint8Array(sizeBytes);
  let filled = 0;
  for await (const chunk of stream) {
    content.set(chunk, filled);
    filled += chunk.byteLength;
  }
  return content;
}
