/**
 * HTTP by hand, for what no client sends: requests that lie, break off or dawdle.
 *
 * @module
 */

/** A connection on which anything can be sent. */
export class Wire implements Disposable {
  readonly #connection: Deno.TcpConn;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    connection.setNoDelay(true);
  }

  /** Connects to a port of 127.0.0.1. */
  static async connect(port: number): Promise<Wire> {
    return new Wire(await Deno.connect({ hostname: "127.0.0.1", port }));
  }

  /** Sends text or bytes; a server that does not listen any more makes no difference. */
  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
    try {
      while (rest.byteLength > 0) rest = rest.subarray(await this.#connection.write(rest));
    } catch (error) {
      if (!isCut(error)) throw error;
    }
  }

  /** Says that nothing more will come. */
  async end(): Promise<void> {
    try {
      await this.#connection.closeWrite();
    } catch (error) {
      if (!isCut(error)) throw error;
    }
  }

  /** The next bytes of the server as text, at most 64 KiB; empty at its end. */
  async read(): Promise<string> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      const length = await this.#connection.read(buffer);
      return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
    } catch (error) {
      if (isCut(error)) return "";
      throw error;
    }
  }

  /** Everything that the server sends until it closes the connection. */
  async readAll(): Promise<string> {
    let all = "";
    for (let part = await this.read(); part !== ""; part = await this.read()) all += part;
    return all;
  }

  /** Cuts the connection. */
  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

/** Statuses of the answers in what a server sent, in their order. */
export function statusesOf(answers: string): number[] {
  return [...answers.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map(([, status]) => Number(status));
}

function isCut(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}
