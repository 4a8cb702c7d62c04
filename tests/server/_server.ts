import { getLogger } from "@logtape/logtape";
import type { Handler } from "../../src/server/handler.ts";
import {
  type ListenerKind,
  type RunningServer,
  type ServerOptions,
  startServer,
} from "../../src/server/start_server.ts";

/** A log that nobody reads. */
export const LOG = getLogger("stowage");

/** A server on a free port; it ends with the block that holds it. */
export type TestedServer = RunningServer & AsyncDisposable & { readonly url: string };
/** Starts a server with a handler. */
export type Start = (handler: Handler, options?: Partial<ServerOptions>) => Promise<TestedServer>;

/** Registers a test for each way to listen. */
export function testEach(name: string, fn: (start: Start) => Promise<void>): void {
  for (const listener of ["deno", "node"] as const) {
    Deno.test(`${name} (${listener})`, () => fn(starterOf(listener)));
  }
}

/** Starts a server on a free port. */
export async function start(
  handler: Handler,
  options: Partial<ServerOptions> = {},
): Promise<TestedServer> {
  const server = await startServer({ handler, addr: "127.0.0.1:0", log: LOG, ...options });
  const { address, finished } = server;
  return {
    address,
    finished,
    drain: (timeoutMs) => server.drain(timeoutMs),
    url: address.transport === "tcp" ? `http://127.0.0.1:${address.port}` : "",
    async [Symbol.asyncDispose]() {
      await server.drain(0);
    },
  };
}

/** A connection on which a raw request was sent. */
export async function rawRequest(server: RunningServer, text: string): Promise<Deno.Conn> {
  const { address } = server;
  const connection = address.transport === "tcp"
    ? await Deno.connect({ hostname: "127.0.0.1", port: address.port })
    : await Deno.connect({ transport: "unix", path: address.path });
  await connection.write(new TextEncoder().encode(text));
  return connection;
}

/** What a connection gives until it ends. */
export async function readAll(connection: Deno.Conn): Promise<string> {
  return await new Response(connection.readable).text();
}

/** What a connection gives next. */
export async function readSome(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(4096);
  const length = await connection.read(buffer) ?? 0;
  return new TextDecoder().decode(buffer.subarray(0, length));
}

/** Tells whether a new connection is served; one that is refused, cut or sent away is not. */
export async function isServed(server: RunningServer): Promise<boolean> {
  try {
    const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const connection = await rawRequest(server, request);
    const answer = await readAll(connection);
    return answer !== "" && !answer.startsWith("HTTP/1.1 503 ");
  } catch {
    return false;
  }
}

/** An answer whose length is known, as all of the registry's are. */
export function text(body: string): Response {
  return new Response(body, { headers: { "content-length": String(body.length) } });
}

/** Starts servers that listen in one way. */
export function starterOf(listener: ListenerKind): Start {
  return (handler, options) => start(handler, { listener, ...options });
}
