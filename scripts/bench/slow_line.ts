import type { Address } from "./http_connection.ts";

/** A way to a server. */
export interface Line extends AsyncDisposable {
  /** Where to connect in place of the server. */
  readonly address: Address;
  /** Connections so far. */
  readonly connections: number;
}

/** Most bytes that are passed on at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Opens a line to a server that carries so many bytes a second, all connections together, as a line
 * to another network does.
 *
 * @param bytesPerSecond 0: the server itself, as fast as it is
 */
export function openLine(target: Address, bytesPerSecond: number): Line {
  if (bytesPerSecond === 0) {
    return { address: target, connections: 0, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.TcpConn>();
  const turns = new LineTurns(bytesPerSecond);
  let connections = 0;
  async function serve(): Promise<void> {
    for await (const near of listener) {
      connections++;
      void relay(near).catch(() => {});
    }
  }
  async function relay(near: Deno.TcpConn): Promise<void> {
    const far = await Deno.connect({ ...target });
    for (const one of [near, far]) {
      one.setNoDelay(true);
      open.add(one);
    }
    await Promise.allSettled([pass(near, far), pass(far, near, turns)]);
    for (const one of [near, far]) close(one);
  }
  function close(connection: Deno.TcpConn): void {
    if (open.delete(connection)) connection.close();
  }
  const serving = serve();
  return {
    address: { hostname: "127.0.0.1", port: listener.addr.port },
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const one of open) close(one);
      await serving;
    },
  };
}

/** Passes bytes on until there are no more. */
async function pass(from: Deno.Conn, to: Deno.Conn, turns?: LineTurns): Promise<void> {
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let count = await from.read(buffer); count !== null; count = await from.read(buffer)) {
    await turns?.wait(count);
    for (let done = 0; done < count;) done += await to.write(buffer.subarray(done, count));
  }
  await to.closeWrite();
}

/** Time on a line, which goes to one after the other. */
class LineTurns {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
  }

  /** Waits as long as the line takes for so many bytes, behind those who came before. */
  async wait(bytes: number): Promise<void> {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + bytes / this.#bytesPerMs;
    const waitMs = this.#freeAtMs - nowMs;
    // Timers are no finer than a few milliseconds.
    if (waitMs > 5) await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
