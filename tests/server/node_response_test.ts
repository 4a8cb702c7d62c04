import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { assert, assertEquals } from "@std/assert";
import { sendResponse } from "../../src/server/node_response.ts";

/** What a client gets of a response. */
async function received(response: Response, init?: RequestInit): Promise<Response> {
  const sent = Promise.withResolvers<void>();
  const server = createServer((incoming, outgoing) => {
    sendResponse(response, outgoing, { method: incoming.method }).then(sent.resolve, sent.reject);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/`, init);
    const whole = new Response(await answer.arrayBuffer(), answer);
    await sent.promise;
    return whole;
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

Deno.test("sendResponse sends status and headers as they are", async () => {
  const headers = new Headers({ "content-length": "2", "etag": '"a"', "link": "</v2/>" });
  headers.append("set-cookie", "a=1");
  headers.append("set-cookie", "b=2");

  const answer = await received(new Response("ok", { status: 206, headers }));

  assertEquals(answer.status, 206);
  assertEquals(answer.headers.get("etag"), '"a"');
  assertEquals(answer.headers.get("link"), "</v2/>");
  assertEquals(answer.headers.getSetCookie(), ["a=1", "b=2"]);
  assertEquals(answer.headers.get("content-length"), "2");
  assertEquals(await answer.text(), "ok");
});

Deno.test("sendResponse sends a body of any length, announced or not", async () => {
  for (const sizeBytes of [0, 1, 65_536, 65_537, 1_000_000]) {
    for (const isAnnounced of [true, false]) {
      const body = Uint8Array.from({ length: sizeBytes }, (_, index) => index % 253);
      const headers = isAnnounced ? { "content-length": String(sizeBytes) } : {};
      const streamed = new Response(body).body;

      const answer = await received(new Response(streamed, { headers }));

      const bytes = await answer.bytes();
      assertEquals(bytes.length, sizeBytes);
      assert(bytes.every((byte, index) => byte === index % 253));
    }
  }
});

Deno.test("sendResponse takes no body for a HEAD request", async () => {
  let isCancelled = false;
  const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
  const headers = { "content-length": "5" };

  const answer = await received(new Response(body, { headers }), { method: "HEAD" });

  assertEquals(answer.headers.get("content-length"), "5");
  assert(isCancelled);
});
