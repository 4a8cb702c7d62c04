import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { assertEquals } from "@std/assert";
import type { Handler } from "../../src/server/handler.ts";
import { NodeConnections } from "../../src/server/node_connections.ts";
import { NodeExchanges } from "../../src/server/node_exchanges.ts";
import { Traffic } from "../../src/server/traffic.ts";
import { LOG, text } from "./_server.ts";

/** Exchanges behind a server on a free port, which ends with the block that holds it. */
async function startExchanges(handler: Handler) {
  const traffic = new Traffic();
  const place = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;
  const connections = new NodeConnections();
  const exchanges = new NodeExchanges(
    { handler, place, traffic, reusePort: false, log: LOG },
    { connections, tls: false },
  );
  const server: Server = createServer((incoming, outgoing) => {
    exchanges.answer(incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    connections,
    traffic,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("NodeExchanges.answer counts a request until its answer is sent", async () => {
  const running: number[] = [];
  await using server = await startExchanges(() => {
    running.push(server.traffic.running.running);
    return text("ok");
  });

  assertEquals(await (await fetch(server.url)).text(), "ok");
  await server.traffic.running.whenIdle();

  assertEquals(running, [1]);
});

Deno.test("NodeExchanges.answer refuses what the traffic refuses", async () => {
  await using server = await startExchanges(() => text("ok"));
  server.traffic.refuse();

  const { status, headers, body } = await fetch(server.url);
  await body?.cancel();

  assertEquals([status, headers.get("connection")], [503, "close"]);
});

Deno.test("NodeExchanges.answer ends its connection where connections are ending", async () => {
  await using server = await startExchanges(() => text("ok"));
  server.connections.endWhenIdle();

  const response = await fetch(server.url);

  assertEquals(response.headers.get("connection"), "close");
  assertEquals(await response.text(), "ok");
});

Deno.test("NodeExchanges.answer answers 500 where its handler fails", async () => {
  await using server = await startExchanges(() => {
    throw new TypeError("no such moon");
  });

  const response = await fetch(server.url);

  assertEquals([response.status, await response.text()], [500, ""]);
});
