/**
 * What every way to listen must do, as tests that each of them runs.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { byteStream, chunkSource } from "../../src/drivers/byte_stream.ts";
import type { ListenerKind } from "../../src/server/start_server.ts";
import { rawRequest, readAll, readSome, type Start, starterOf, text } from "../server/_server.ts";

/** Registers a test for each case of the contract. */
export function listenerContract(name: string, kind: ListenerKind): void {
  for (const [about, check] of Object.entries(CASES)) {
    Deno.test(`${name} ${about}`, () => check(starterOf(kind)));
  }
}

const CASES: Readonly<Record<string, (start: Start) => Promise<void>>> = {
  async "takes chunked bodies and those of known length, byte for byte"(start) {
    await using server = await start(async (request) => {
      const sizes = new Uint8Array(await request.arrayBuffer());
      return text(`${sizes.length} ${sizes.every((byte, index) => byte === index % 251)}`);
    });
    const body = Uint8Array.from({ length: 3_000_000 }, (_, index) => index % 251);

    const known = await fetch(server.url, { method: "PUT", body });
    const chunked = await fetch(server.url, { method: "PATCH", body: new Blob([body]).stream() });

    assertEquals(await known.text(), "3000000 true");
    assertEquals(await chunked.text(), "3000000 true");
  },

  async "sends large bodies byte for byte, also to clients that take their time"(start) {
    const content = Uint8Array.from({ length: 3_000_007 }, (_, index) => index % 251);
    const headers = { "content-length": String(content.byteLength) };
    await using server = await start(() =>
      new Response(byteStream(chunkSource([content]), content.byteLength), { headers })
    );

    const answers = await Promise.all(Array.from({ length: 8 }, async () => {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for await (const piece of (await fetch(server.url)).body ?? []) {
        pieces.push(piece);
        if (pieces.length % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
      return new Uint8Array(await new Blob(pieces).arrayBuffer());
    }));

    for (const answer of answers) assertEquals(answer, content);
  },

  async "tells the length of what a HEAD request does not get"(start) {
    const headers = { "content-length": "12345" };
    await using server = await start(() => new Response(null, { headers }));

    const request = "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const answer = await readAll(await rawRequest(server, request));

    assertStringIncludes(answer.toLowerCase(), "\r\ncontent-length: 12345\r\n");
    assert(answer.endsWith("\r\n\r\n"));
  },

  async "sends no length with a 204"(start) {
    await using server = await start(() => new Response(null, { status: 204 }));

    const request = "DELETE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const answer = await readAll(await rawRequest(server, request));

    assert(answer.startsWith("HTTP/1.1 204 "));
    assertEquals(/content-length|transfer-encoding/i.test(answer), false);
  },

  async "gives the URL as the client sent it"(start) {
    await using server = await start((request) => text(request.url));

    for (const target of ["/v2/../a%2Fb//c?n=1&last=%zz", "/v2/\\x/{}|"]) {
      const request = `GET ${target} HTTP/1.1\r\nHost: a.example:5\r\nConnection: close\r\n\r\n`;
      const answer = await readAll(await rawRequest(server, request));
      assert(answer.endsWith(`http://a.example:5${target}`), answer);
    }
  },

  async "asks for a body that waits to be asked for"(start) {
    await using server = await start(async (request) => text(await request.text()));
    using connection = await rawRequest(
      server,
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
    );

    assertEquals(await readSome(connection), "HTTP/1.1 100 Continue\r\n\r\n");
    await connection.write(new TextEncoder().encode("hello"));

    assert((await readSome(connection)).endsWith("\r\n\r\nhello"));
  },

  async "goes on with the next request after a body that nobody read"(start) {
    await using server = await start(({ url }) => text(new URL(url).pathname));
    const body = "x".repeat(100_000);
    const first = `PUT /1 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

    const answers = await Promise.all(["/1", "/2", "/3"].map(async (path) => {
      const response = await fetch(`${server.url}${path}`, { method: "PUT", body });
      return await response.text();
    }));
    using connection = await rawRequest(server, first);
    let raw = "";
    while (!raw.endsWith("/1")) raw += await readSome(connection);

    assertEquals(answers, ["/1", "/2", "/3"]);
    assert(raw.startsWith("HTTP/1.1 200 "));
  },

  async "reads from a handler no faster than the client does"(start) {
    let produced = 0;
    const cancelled = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        produced += 1024 * 1024;
        controller.enqueue(new Uint8Array(1024 * 1024));
      },
      cancel: () => cancelled.resolve(),
    });
    const headers = { "content-length": String(10 ** 12) };
    await using server = await start(() => new Response(body, { headers }));
    const connection = await rawRequest(server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");

    assertStringIncludes(await readSome(connection), "HTTP/1.1 200 OK");
    connection.close();
    await cancelled.promise;

    assert(produced < 100 * 1024 * 1024, `${produced} bytes were made`);
  },

  async "breaks off where the body of an answer fails"(start) {
    let pieces = 0;
    const body = () =>
      new ReadableStream<Uint8Array>({
        pull(controller) {
          if (pieces++ > 2) throw new Error("the disk is gone");
          controller.enqueue(new Uint8Array(100_000));
        },
      });
    const headers = { "content-length": "1000000" };
    await using server = await start(() => new Response(body(), { headers }));

    await assertRejects(async () => await (await fetch(server.url)).arrayBuffer());
  },

  async "tells a handler that its client went away"(start) {
    const failed = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    await using server = await start(async (request) => {
      started.resolve();
      await request.arrayBuffer().catch(failed.resolve);
      return new Response(null);
    });
    const chunks = "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    const connection = await rawRequest(server, chunks);
    await started.promise;
    connection.close();

    assert(await failed.promise instanceof Error);
  },

  async "answers many requests on one connection"(start) {
    let connections = new Set<number | undefined>();
    await using server = await start((request, { port }) => {
      connections = connections.add(port);
      return text(new URL(request.url).pathname);
    });
    const requests = Array.from({ length: 3 }, (_, n) => `GET /${n} HTTP/1.1\r\nHost: x\r\n\r\n`);

    const connection = await rawRequest(server, requests.join(""));
    let answers = "";
    while (!answers.includes("/2")) answers += await readSome(connection);
    connection.close();

    assertEquals(connections.size, 1);
  },

  async "answers a method that no Request can have"(start) {
    await using server = await start(({ method }) => text(method));

    const request = "TRACE / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const answer = await readAll(await rawRequest(server, request));

    assert(answer.endsWith("TRACE"), answer);
  },
};
