/**
 * A server that takes uploads and gives blobs without doing anything with them, in a thread of its
 * own: what a client does with it is as fast as the client can be.
 *
 * Source: RFC 9112, as little of it as a load client needs.
 *
 * @module
 */
import { giveWay } from "../../src/base/give_way.ts";
import type { Address } from "./http_connection.ts";

/** Room for what is read and written at once, in bytes. */
const BUFFER_BYTES = 1024 * 1024;

/** Length of every blob, in bytes. */
export const NULL_BLOB_BYTES = 100_000_000;

/** A server in a thread, which ends with the block that holds it. */
export interface NullServer extends Disposable {
  readonly address: Address;
}

/** Options of {@linkcode startNullServer}. */
export interface NullServerOptions {
  /** Whether it stands for a server on another machine, and takes no time from what is measured. */
  readonly givesWay?: boolean;
}

/** Starts a server and waits until it listens. */
export async function startNullServer(
  { givesWay = false }: NullServerOptions = {},
): Promise<NullServer> {
  const name = givesWay ? YIELDING_THREAD : THREAD;
  const worker = new Worker(import.meta.url, { type: "module", name });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  worker.onmessage = (event: MessageEvent<number>) => resolve(event.data);
  worker.onerror = (event) => reject(new Error(event.message));
  const port = await promise;
  return {
    address: { hostname: "127.0.0.1", port },
    [Symbol.dispose]: () => worker.terminate(),
  };
}

/** Names of the thread, by which this module knows that it is in it. */
const THREAD = "null-server";
const YIELDING_THREAD = "yielding-null-server";

const HEAD_REGEXP = /^(\w+) [^]*?\r\n\r\n/;

const ANSWERS: Readonly<Record<string, string>> = {
  POST: "HTTP/1.1 202 Accepted\r\nLocation: /upload\r\nContent-Length: 0\r\n\r\n",
  PUT: "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
  GET: `HTTP/1.1 200 OK\r\nContent-Length: ${NULL_BLOB_BYTES}\r\n\r\n`,
};

async function answerAll(socket: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const content = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const count = await socket.read(buffer);
    if (count === null) return;
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, Math.min(count, 4096)));
    const [head = "", method = ""] = HEAD_REGEXP.exec(text) ?? [];
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    for (let left = length - (count - head.length); left > 0;) {
      left -= await socket.read(buffer) ?? left;
    }
    await writeAll(socket, new TextEncoder().encode(ANSWERS[method]));
    if (method !== "GET") continue;
    for (let left = NULL_BLOB_BYTES; left > 0;) {
      left -= await socket.write(content.subarray(0, Math.min(left, BUFFER_BYTES)));
    }
  }
}

async function writeAll(socket: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength;) done += await socket.write(bytes.subarray(done));
}

async function listen(): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (globalThis as unknown as { postMessage(port: number): void }).postMessage(listener.addr.port);
  for await (const socket of listener) {
    // The client closes when it has enough.
    answerAll(socket).catch(() => {}).finally(() => socket.close());
  }
}

if ("WorkerGlobalScope" in globalThis) {
  const { name } = globalThis;
  if (name === YIELDING_THREAD) giveWay();
  if (name === YIELDING_THREAD || name === THREAD) await listen();
}
