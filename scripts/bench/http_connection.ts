import { SystemSocket } from "./system_socket.ts";

/** A request as {@linkcode HttpConnection} sends it. */
export interface Exchange {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in pieces, which are sent one after the other. @default no body */
  readonly body?: readonly Uint8Array[];
}

/** What was answered; of the body only the length and the beginning are kept. */
export interface Answer {
  readonly status: number;
  /** The value of a header, by its name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bodyBytes: number;
  /** The first bytes of the body as text, for messages. */
  readonly excerpt: string;
}

/** Where a server listens. */
export interface Address {
  readonly hostname: string;
  readonly port: number;
}

/** Options of {@linkcode HttpConnection.open}. */
export interface ConnectionOptions {
  /** Closes the connection. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the system drops bodies by itself; see {@linkcode SystemSocket}. */
  readonly drops?: boolean | undefined;
}

/** What a connection does with its bytes. */
interface Socket {
  read(view: Uint8Array<ArrayBuffer>): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  /** Reads over so many bytes, or fewer; gives how many. */
  drop(count: number): Promise<number | null>;
  close(): void;
}

/** Room for what is read at once, in bytes, and so the largest head of an answer. */
const READ_BYTES = 256 * 1024;

/** What is dropped goes here, whichever connection it comes by: so it stays in the processor's cache. */
const DROPPED = new Uint8Array(READ_BYTES);

/** Most bytes handed to the system in one call. */
const WRITE_BYTES = 4 * 1024 * 1024;

/** A body up to this size goes out in one piece with the head, in bytes. */
const JOIN_BYTES = 16 * 1024;

/** How much of a body is kept for messages, in bytes. */
const EXCERPT_BYTES = 500;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * A connection that stays open between requests and moves bodies as fast as the system takes them:
 * several times as fast as `fetch`, which would be measured instead of the server.
 *
 * It knows just enough of HTTP/1.1 for a registry's answers: each must have a `Content-Length`.
 *
 * Source: RFC 9112.
 */
export class HttpConnection implements Disposable {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #signal: AbortSignal | undefined;
  readonly #close = () => this.#socket.close();
  readonly #buffer = new Uint8Array(READ_BYTES);
  /** The part of the buffer that is read from the socket and not yet used. */
  #unread = this.#buffer.subarray(0, 0);

  private constructor(
    socket: Socket,
    { host, signal }: { readonly host: string; readonly signal: AbortSignal | undefined },
  ) {
    this.#socket = socket;
    this.#host = host;
    this.#signal = signal;
    this.#signal?.addEventListener("abort", this.#close);
  }

  /** Connects. */
  static async open(
    address: Address,
    { signal, drops = false }: ConnectionOptions = {},
  ): Promise<HttpConnection> {
    signal?.throwIfAborted();
    const socket = await (drops ? SystemSocket.connect(address) : connect(address));
    return new HttpConnection(socket, { host: `${address.hostname}:${address.port}`, signal });
  }

  /**
   * Sends a request and reads its answer to the end.
   *
   * @throws {Error} the server closed the connection, or the answer has no length
   */
  async send(exchange: Exchange): Promise<Answer> {
    await this.#writeRequest(exchange);
    const head = await this.#readHead();
    const bodyBytes = bodyLength(exchange.method, head);
    return { ...head, bodyBytes, excerpt: await this.#skipBody(bodyBytes) };
  }

  [Symbol.dispose](): void {
    this.#signal?.removeEventListener("abort", this.#close);
    if (this.#signal?.aborted !== true) this.#socket.close();
  }

  async #writeRequest({ method, path, headers = {}, body = [] }: Exchange): Promise<void> {
    const bodyBytes = body.reduce((sum, piece) => sum + piece.byteLength, 0);
    const lines = [`${method} ${path} HTTP/1.1`, `Host: ${this.#host}`];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (bodyBytes > 0 || method !== "GET" && method !== "HEAD") {
      lines.push(`Content-Length: ${bodyBytes}`);
    }
    const head = ENCODER.encode(`${lines.join("\r\n")}\r\n\r\n`);
    if (bodyBytes <= JOIN_BYTES) return await this.#write(join([head, ...body]));
    await this.#write(head);
    for (const piece of body) await this.#write(piece);
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.byteLength;) {
      done += await this.#socket.write(bytes.subarray(done, done + WRITE_BYTES));
    }
  }

  async #readHead(): Promise<{ status: number; headers: Map<string, string> }> {
    let head = this.#unread;
    for (;;) {
      const end = indexOfBlankLine(head);
      if (end !== -1) {
        this.#unread = head.subarray(end + 4);
        return parseHead(DECODER.decode(head.subarray(0, end)));
      }
      // What is unread moves to the beginning, so that there is room behind it.
      this.#buffer.set(head);
      const count = await this.#read(this.#buffer.subarray(head.byteLength));
      head = this.#buffer.subarray(0, head.byteLength + count);
    }
  }

  /** Reads over a body and gives its beginning. */
  async #skipBody(length: number): Promise<string> {
    const buffered = this.#unread.subarray(0, length);
    this.#unread = this.#unread.subarray(buffered.byteLength);
    let excerpt = DECODER.decode(buffered.subarray(0, EXCERPT_BYTES));
    for (let left = length - buffered.byteLength; left > 0;) {
      const count = excerpt === ""
        ? await this.#read(this.#buffer.subarray(0, Math.min(left, READ_BYTES)))
        : notEnded(await this.#socket.drop(left));
      if (excerpt === "") {
        excerpt = DECODER.decode(this.#buffer.subarray(0, Math.min(count, EXCERPT_BYTES)));
      }
      left -= count;
    }
    return excerpt;
  }

  async #read(view: Uint8Array<ArrayBuffer>): Promise<number> {
    if (view.byteLength === 0) throw new Error("Cannot read an answer: its head is too long");
    return notEnded(await this.#socket.read(view));
  }
}

/** Connects, and reads what is dropped into memory that all connections share. */
async function connect(address: Address): Promise<Socket> {
  const socket = await Deno.connect({ ...address });
  socket.setNoDelay(true);
  return {
    read: (view) => socket.read(view),
    write: (bytes) => socket.write(bytes),
    drop: (count) => socket.read(DROPPED.subarray(0, count)),
    close: () => socket.close(),
  };
}

function notEnded(count: number | null): number {
  if (count === null) throw new Error("Cannot read an answer: the server closed the connection");
  return count;
}

/** @throws {Error} where the status is none of `expected`, with what was answered */
export function expectStatus(
  answer: Answer,
  { what, expected }: { readonly what: string; readonly expected: readonly number[] },
): Answer {
  if (expected.includes(answer.status)) return answer;
  throw new Error(
    `${what} answered ${answer.status}, expected ${expected.join(" or ")}: ${answer.excerpt}`,
  );
}

/** Reads the status line and the headers. */
function parseHead(text: string): { status: number; headers: Map<string, string> } {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (Number.isNaN(status)) throw new Error(`Cannot read an answer: it begins with "${first}"`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

/** How many bytes follow the head of an answer. */
function bodyLength(
  method: string,
  { status, headers }: Pick<Answer, "status" | "headers">,
): number {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  const length = headers.get("content-length");
  if (length === undefined) throw new Error("Cannot read an answer: it has no Content-Length");
  return Number(length);
}

function indexOfBlankLine(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at !== -1; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.byteLength;
  }
  return joined;
}
