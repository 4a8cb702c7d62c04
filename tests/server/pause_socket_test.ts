import { EventEmitter } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect, type TLSSocket } from "node:tls";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Handler } from "../../src/server/handler.ts";
import { pauseSocketWith } from "../../src/server/pause_socket.ts";
import { TempFolder } from "../support/temp.ts";
import { writeTlsFiles } from "../support/tls.ts";
import { CA_CERTIFICATE } from "./_certificates.ts";
import { start } from "./_server.ts";

const PIECE = new Uint8Array(65_536);
const BODY_BYTES = 64 * 1024 * 1024;
const HEAD = `PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;

/** A request over TLS as far as it is used here, and what happens below. */
function requestDouble({ handle }: { readonly handle?: unknown } = {}) {
  const calls: string[] = [];
  const tcp = {
    readStop: () => void calls.push("stop"),
    readStart: () => void calls.push("start"),
  };
  const incoming = Object.assign(new EventEmitter(), {
    complete: false,
    socket: { _handle: handle === undefined ? { _parent: tcp } : handle },
  });
  pauseSocketWith(incoming as unknown as IncomingMessage);
  return { incoming, calls };
}

Deno.test("pauseSocketWith lets the connection rest while the body does", () => {
  const { incoming, calls } = requestDouble();

  for (const event of ["pause", "pause", "resume", "resume", "pause", "end", "resume"]) {
    incoming.emit(event);
  }

  assertEquals(calls, ["stop", "start", "stop", "start"]);
});

Deno.test("pauseSocketWith leaves a connection alone whose body is complete", () => {
  const { incoming, calls } = requestDouble();
  incoming.complete = true;

  incoming.emit("pause");
  incoming.emit("resume");

  assertEquals(calls, []);
});

Deno.test("pauseSocketWith does nothing where the runtime has other names", () => {
  for (const handle of [null, {}, { _parent: { readStop: 1 } }]) {
    requestDouble({ handle }).incoming.emit("pause");
  }
});

/** Runs a test with a connection of HTTP/1.1 over TLS, with a server that offers HTTP/2 and not. */
function testConnection(
  name: string,
  { handler, talk }: {
    readonly handler: () => Handler;
    readonly talk: (socket: TLSSocket) => Promise<void>;
  },
): void {
  for (const http2 of [true, false]) {
    Deno.test(`${name} (HTTP/2 ${http2 ? "on" : "off"})`, async () => {
      await using folder = await TempFolder.make();
      const tls = { files: await writeTlsFiles(folder), http2 };
      await using server = await start(handler(), { tls, listener: "node" });
      const { address } = server;
      const port = address.transport === "tcp" ? address.port : 0;
      const connected = Promise.withResolvers<void>();
      const socket = connect(
        { port, host: "127.0.0.1", ca: CA_CERTIFICATE },
        () => connected.resolve(),
      );
      await connected.promise;
      socket.on("error", () => {});
      const closed = new Promise((resolve) => socket.on("close", resolve));
      await talk(socket);
      socket.destroy();
      await closed;
    });
  }
}

/** Sends a body in pieces, as fast as the connection takes them. */
function sendBody(socket: TLSSocket): { sentBytes: number; readonly all: Promise<void> } {
  const all = Promise.withResolvers<void>();
  const sending = { sentBytes: 0, all: all.promise };
  const next = () => {
    if (sending.sentBytes === BODY_BYTES) return all.resolve();
    socket.write(PIECE, () => {
      sending.sentBytes += PIECE.length;
      next();
    });
  };
  next();
  return sending;
}

/** Collects what comes until it holds so many answers. */
async function readAnswers(socket: TLSSocket, count: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let text = "";
  socket.on("data", (chunk: Uint8Array) => {
    text += new TextDecoder().decode(chunk);
    if (text.split("HTTP/1.1 200").length > count && text.endsWith(".")) resolve();
  });
  await promise;
  return text;
}

/** An answer that is not sent in chunks. */
function answer(text: string): Response {
  return new Response(text, { headers: { "content-length": String(text.length) } });
}

const held = { go: Promise.withResolvers<void>() };

testConnection("pauseSocketWith leaves in the connection what is not read, and gives all of it", {
  handler: () => {
    held.go = Promise.withResolvers();
    return async (request) => {
      await held.go.promise;
      const { byteLength } = await request.arrayBuffer();
      return answer(`${byteLength} bytes.`);
    };
  },
  async talk(socket) {
    const answers = readAnswers(socket, 1);
    socket.write(HEAD);
    const sending = sendBody(socket);
    let before = -1;
    while (sending.sentBytes !== before) {
      before = sending.sentBytes;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert(before < BODY_BYTES / 2, `${before} bytes were taken`);
    held.go.resolve();
    await sending.all;
    assertMatch(await answers, new RegExp(`${BODY_BYTES} bytes\\.$`));
  },
});

testConnection("pauseSocketWith lets the next request pass after a body that nobody read", {
  handler: () => () => Promise.resolve(answer("unread.")),
  async talk(socket) {
    const answers = readAnswers(socket, 2);
    socket.write(HEAD);
    await sendBody(socket).all;
    socket.write("GET /y HTTP/1.1\r\nHost: h\r\n\r\n");
    assertEquals((await answers).match(/unread\./g)?.length, 2);
  },
});

testConnection("pauseSocketWith gives each of several requests that come at once its body", {
  handler: () => async (request) => answer(`${(await request.arrayBuffer()).byteLength} bytes.`),
  async talk(socket) {
    const answers = readAnswers(socket, 3);
    const small = "PUT /y HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
    socket.write(small + small + HEAD);
    await sendBody(socket).all;
    assertMatch(await answers, new RegExp(`3 bytes\\.[^]*3 bytes\\.[^]*${BODY_BYTES} bytes\\.$`));
  },
});
