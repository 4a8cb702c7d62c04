import type { IncomingMessage } from "node:http";

/** The connection below TLS, as far as it is used here. */
interface TcpHandle {
  readStop(): void;
  readStart(): void;
}

/**
 * Lets the connection of a request over TLS rest while the body of the request is paused.
 *
 * The runtime stops to give bytes when a body is paused, but goes on to take them from the network
 * and keeps all of them: a client that sends faster than we store would fill the memory. What is
 * below TLS can be stopped too, but only by names that are not documented; where a runtime has
 * others, nothing is done.
 */
export function pauseSocketWith(incoming: IncomingMessage): void {
  const handle = handleBelowTls(incoming.socket);
  if (handle === undefined) return;
  let isResting = false;
  const goOn = () => {
    if (isResting) handle.readStart();
    isResting = false;
  };
  incoming.on("pause", () => {
    if (!isResting && !incoming.complete) handle.readStop();
    isResting = !incoming.complete;
  });
  incoming.on("resume", goOn);
  incoming.on("end", goOn);
}

function handleBelowTls(socket: unknown): TcpHandle | undefined {
  const { _handle } = socket as { _handle?: { _parent?: Partial<TcpHandle> } | null };
  const parent = _handle?._parent;
  return isTcpHandle(parent) ? parent : undefined;
}

function isTcpHandle(value: Partial<TcpHandle> | undefined): value is TcpHandle {
  return typeof value?.readStop === "function" && typeof value.readStart === "function";
}
