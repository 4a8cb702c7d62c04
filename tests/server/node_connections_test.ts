import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { assertEquals } from "@std/assert";
import { NodeConnections } from "../../src/server/node_connections.ts";

/** A connection to a server that answers nothing, from both of its ends. */
async function connected(connections: NodeConnections) {
  const server = createServer();
  connections.watch(server, { tls: false });
  const accepted = new Promise<Socket>((resolve) => server.on("connection", resolve));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const socket = await accepted;
  connections.addIdle(socket);
  return {
    client,
    socket,
    ended: () => client.read(new Uint8Array(1)).catch(() => null),
    async [Symbol.asyncDispose]() {
      connections.destroyAll();
      client.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

Deno.test("NodeConnections.endWhenIdle closes what is idle at once", async () => {
  const connections = new NodeConnections();
  await using connection = await connected(connections);

  connections.endWhenIdle();

  assertEquals(await connection.ended(), null);
});

Deno.test("NodeConnections.endWhenIdle closes what is busy with its last request", async () => {
  const connections = new NodeConnections();
  await using connection = await connected(connections);
  connections.begin(connection.socket);
  connections.begin(connection.socket);

  connections.endWhenIdle();
  connections.end(connection.socket);
  assertEquals(connection.socket.writable, true);
  connections.end(connection.socket);

  assertEquals(await connection.ended(), null);
});

Deno.test("NodeConnections.destroyAll breaks off what is busy", async () => {
  const connections = new NodeConnections();
  await using connection = await connected(connections);
  connections.begin(connection.socket);

  connections.destroyAll();

  assertEquals(await connection.ended(), null);
});
