import type { Writable } from "node:stream";
import type { PieceBuffers } from "./piece_buffers.ts";

/**
 * Sends a body in large pieces, the next of which is read while one is being sent: two buffers, used
 * in turn, do for a body of any length.
 *
 * @returns when all of it has gone out, or the client has gone; `outgoing` is left open
 * @throws whatever the body fails with
 */
export async function sendPieces(
  reader: ReadableStreamBYOBReader,
  { outgoing, buffers }: {
    readonly outgoing: Writable;
    readonly buffers: Pick<PieceBuffers, "take" | "give">;
  },
): Promise<void> {
  let sending: Promise<ArrayBuffer | undefined> | undefined;
  for (;;) {
    const { done, value } = await reader.read(new Uint8Array(buffers.take()));
    if (sending !== undefined) {
      const sent = await sending;
      if (sent === undefined) return;
      buffers.give(sent);
    }
    if (done) {
      if (value !== undefined) buffers.give(value.buffer);
      return;
    }
    sending = send(value, outgoing);
  }
}

/**
 * Sends the chunks of a stream that lends them, each of which the system is done with before the
 * next one is asked for.
 *
 * @returns as {@linkcode sendPieces}
 * @throws whatever the body fails with
 */
export async function sendLent(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
  outgoing: Writable,
): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done || await send(value, outgoing) === undefined) return;
  }
}

/**
 * Gives the buffer of a piece back once the system has its bytes; nothing where the client has gone,
 * as something may still look at the buffer then.
 */
function send(
  piece: Uint8Array<ArrayBuffer>,
  outgoing: Writable,
): Promise<ArrayBuffer | undefined> {
  const { promise, resolve } = Promise.withResolvers<ArrayBuffer | undefined>();
  if (outgoing.destroyed) return Promise.resolve(undefined);
  const onClose = () => resolve(undefined);
  outgoing.once("close", onClose);
  outgoing.write(piece, (error) => {
    outgoing.off("close", onClose);
    resolve(error ? undefined : piece.buffer);
  });
  return promise;
}
