import { Buffer } from "node:buffer";
import { createServer, type Server, type Socket } from "node:net";

/** How long a connection may take to show what it is, in milliseconds. */
const PEEK_TIMEOUT_MS = 60_000;

/** Most bytes that are looked at. */
const MAX_PEEK_BYTES = 16 * 1024;

/** Something that takes connections over. */
export interface ConnectionTaker {
  emit(event: "connection", socket: Socket): boolean;
}

/**
 * Makes a server that looks at the first bytes of each connection, without taking them from it, and
 * hands it to the server that they are for.
 *
 * @param choose tells which one; `undefined` where that takes more bytes
 */
export function peekConnections(
  choose: (head: Uint8Array) => ConnectionTaker | undefined,
): Server {
  return createServer((socket) => {
    const read: Uint8Array[] = [];
    const onReadable = () => {
      const bytes: Uint8Array | null = socket.read();
      if (bytes === null) return;
      read.push(bytes);
      const head = Buffer.concat(read);
      const taker = choose(head);
      if (taker === undefined && head.length < MAX_PEEK_BYTES) return;
      socket.off("readable", onReadable);
      socket.off("error", onError);
      socket.setTimeout(0);
      socket.unshift(head);
      if (taker === undefined) socket.destroy();
      else taker.emit("connection", socket);
    };
    const onError = () => {};
    socket.on("error", onError);
    socket.on("readable", onReadable);
    socket.setTimeout(PEEK_TIMEOUT_MS, () => socket.destroy());
  });
}
