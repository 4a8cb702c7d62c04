import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { assertEquals } from "@std/assert";
import { peekConnections } from "../../src/server/peek_connections.ts";

/** A server that answers with its name and what it was sent, until the line ends. */
function echo(name: string): Server {
  return createServer((socket) => {
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes.toString();
      if (text.endsWith("\n")) socket.end(`${name}: ${text}`);
    });
  });
}

/** Sends pieces through a front that waits for three bytes, and gives the answer. */
async function send(...pieces: readonly string[]): Promise<string> {
  const [upper, lower] = [echo("upper"), echo("lower")];
  let looks = 0;
  let looked = Promise.withResolvers<void>();
  const front = peekConnections((head) => {
    looks++;
    looked.resolve();
    looked = Promise.withResolvers<void>();
    if (head.length < 3) return undefined;
    return (head[0] ?? 0) < 97 ? upper : lower;
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  const { port } = front.address() as AddressInfo;
  try {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const [index, piece] of pieces.entries()) {
      const next = looked.promise;
      await connection.write(new TextEncoder().encode(piece));
      if (index < pieces.length - 1) await next;
    }
    const answer = await new Response(connection.readable).text();
    return `${answer.trim()} after ${looks}`;
  } finally {
    await new Promise((resolve) => front.close(resolve));
  }
}

Deno.test("peekConnections hands a connection over with all that was sent", async () => {
  assertEquals(await send("HELLO there\n"), "upper: HELLO there after 1");
  assertEquals(await send("hello there\n"), "lower: hello there after 1");
});

Deno.test("peekConnections waits for as many bytes as the choice takes", async () => {
  assertEquals(await send("H", "ELLO\n"), "upper: HELLO after 2");
});
