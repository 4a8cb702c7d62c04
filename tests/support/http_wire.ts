/**
 * As much of HTTP/1.1 as a double of a server needs, on connections that it may break at any byte:
 * the servers of the runtime do not give their connections away, those of some versions not even
 * where they seem to.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** A request that has arrived. */
export interface WireRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer on its way. */
export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** The connection of one request. */
export interface WireConnection {
  /** Sends an answer, or the first `bodyBytes` bytes of its body. */
  send(answer: WireAnswer, bodyBytes?: number): Promise<void>;
  /** Ends the connection, whatever has been sent. */
  destroy(): void;
}

/** Answers a request; what it fails with ends the connection. */
export type WireHandler = (request: WireRequest, connection: WireConnection) => Promise<void>;

/** A server on 127.0.0.1; it ends with the block that holds it. */
export class WireServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Map<Deno.TcpConn, Promise<void>>();
  readonly #handle: WireHandler;
  readonly #accepting: Promise<void>;

  constructor(handle: WireHandler) {
    this.#handle = handle;
    this.#accepting = this.#accept();
  }

  /** Where it answers, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#accepting;
    const ending = [...this.#open.values()];
    for (const connection of this.#open.keys()) this.#end(connection);
    await Promise.all(ending);
  }

  async #accept(): Promise<void> {
    try {
      for await (const connection of this.#listener) {
        this.#open.set(connection, this.#serve(connection));
      }
    } catch (error) {
      // Closing a listener fails whoever waits at it.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const input = new Input(connection);
    const destroy = () => this.#end(connection);
    const send = (answer: WireAnswer, bodyBytes?: number) =>
      writeAll(connection, encode(answer, bodyBytes));
    try {
      for (;;) {
        const request = await readRequest(input, (line) => writeAll(connection, Buffer.from(line)));
        if (request === undefined) break;
        await this.#handle(request, { send, destroy });
      }
    } catch {
      // Either side has broken it off.
    }
    destroy();
  }

  #end(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

/** What comes in on a connection. */
class Input {
  readonly #connection: Deno.TcpConn;
  #pending = Buffer.alloc(0);

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** All up to a mark, without it; `undefined`: the connection has ended before. */
  async until(mark: string): Promise<string | undefined> {
    for (;;) {
      const end = this.#pending.indexOf(mark);
      if (end >= 0) return this.#take(end + mark.length).subarray(0, end).toString("latin1");
      const chunk = await this.#read();
      if (chunk === undefined) return undefined;
      this.#pending = Buffer.concat([this.#pending, chunk]);
    }
  }

  /** So many bytes. */
  async exactly(sizeBytes: number): Promise<Buffer> {
    const chunks = [this.#take(Math.min(sizeBytes, this.#pending.byteLength))];
    let filled = chunks[0]?.byteLength ?? 0;
    while (filled < sizeBytes) {
      const chunk = await this.#read();
      if (chunk === undefined) throw new Error("The body ended early");
      chunks.push(chunk);
      filled += chunk.byteLength;
    }
    const all = Buffer.concat(chunks);
    this.#pending = all.subarray(sizeBytes);
    return all.subarray(0, sizeBytes);
  }

  #take(sizeBytes: number): Buffer {
    const taken = this.#pending.subarray(0, sizeBytes);
    this.#pending = this.#pending.subarray(sizeBytes);
    return taken;
  }

  async #read(): Promise<Buffer | undefined> {
    const chunk = Buffer.alloc(64 * 1024);
    const count = await this.#connection.read(chunk);
    return count === null ? undefined : chunk.subarray(0, count);
  }
}

async function readRequest(
  input: Input,
  write: (text: string) => Promise<void>,
): Promise<WireRequest | undefined> {
  const head = await input.until("\r\n\r\n");
  if (head === undefined) return undefined;
  const [start = "", ...lines] = head.split("\r\n");
  const [method = "", target = ""] = start.split(" ");
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  if (headers["expect"] === "100-continue") await write("HTTP/1.1 100 Continue\r\n\r\n");
  const isChunked = headers["transfer-encoding"] === "chunked";
  const body = isChunked
    ? await readChunks(input)
    : await input.exactly(Number(headers["content-length"] ?? 0));
  return { method, target, headers, body };
}

async function readChunks(input: Input): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (;;) {
    const sizeBytes = parseInt(await input.until("\r\n") ?? "0", 16);
    chunks.push(await input.exactly(sizeBytes));
    await input.until("\r\n");
    if (sizeBytes === 0) return Buffer.concat(chunks);
  }
}

function encode({ status, headers, body }: WireAnswer, bodyBytes = body.byteLength): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} -\r\n${lines.join("")}\r\n`);
  return Buffer.concat([head, body.subarray(0, bodyBytes)]);
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) {
    done += await connection.write(bytes.subarray(done));
  }
}
